-- A purchase order line that the host ordered for a sale. :tenant stands for its id.

INSERT INTO host_peg VALUES (:tenant, 'PO-1', '1', 'sales_order', 'SO-1', '1', 6);
