### Words of the field that stand alone, as in the table of the module.

term-not-known = 未知
term-quotation = 报价单
term-sales-order = 销售订单
term-invoice = 发票
term-purchase-order = 采购订单
term-item = 物料
term-list = 列表
term-list-of-quotations = 报价单列表
term-list-of-sales-orders = 销售订单列表
term-list-of-invoices = 发票列表
term-list-of-purchase-orders = 采购订单列表
term-list-of-items = 物料列表
term-now = 现在
term-late = 迟到
term-drop-shipment = 直运
term-nothing-yet = 暂无内容。
term-next-page = 下一页
