-- What became of the company's lines. :tenant stands for its id.

INSERT INTO line_record VALUES
    (:tenant, 'invoice', 'SI-1', '1', '2026-12-03', 12, '[["2026-12-02", "4"]]', NULL, false, NULL, true, false,
     '2026-12-04', 'vendor_late', 4, '{}');
INSERT INTO purchase_record VALUES
    (:tenant, 'PO-1', '1', 'P-1', 'C-2', 'Lamp Works', '2026-12-01', 6, 0, NULL);
