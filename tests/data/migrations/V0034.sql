-- What Insights shows of the company's lines. :tenant stands for its id.

INSERT INTO due_sum VALUES (:tenant, '2025-01-06', 'all', '2025-01-10', 1, 2, 12, 12);
