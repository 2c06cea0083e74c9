### Mails and documents to customers.

customer-quotation = 报价单
customer-order = 订单
customer-invoice = 发票
customer-bill-to = 付款方
customer-ship-to = 收货地址
customer-date = 日期
customer-due-date = 到期日
customer-delivery = 交货日期
customer-item = 品名
customer-quantity = 数量
customer-unit-price = 单价
customer-discount = 折扣
customer-tax = 税额
customer-amount = 金额
customer-subtotal = 小计
customer-total = 合计
customer-page = 第 { $page } 页，共 { $pages } 页
customer-expected = 预计到货
customer-no-date = 日期待定
customer-more-lines = 另有 { $count } 项
customer-unsubscribe = 不再接收此类邮件
customer-why-you-get-this = 您收到此邮件是因为您在 { $company } 的订单。
customer-valid-until = 有效期至
customer-your-reference = 贵方参考号
customer-tax-included = 含税
