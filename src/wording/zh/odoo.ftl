### Connecting an Odoo and signing in to it.

odoo-title = 连接 Odoo
odoo-what = Backorders 关注您的销售中短缺的货品，恰好购入所缺数量，并在到货时通知您。它从“观察”开始：只说明会做什么，在您同意之前不做任何事。
odoo-series = 适用于 Odoo 17、18 和 19。19 已用真实程序测试，17 已用其录制的应答测试。18 依照其文档编写，尚未验证。
odoo-address = 您的 Odoo 地址
odoo-database = 数据库
odoo-database-help = 数据库的名称。使用 Odoo 官方托管时，它是地址的第一部分。
odoo-login = 您的登录名
odoo-key = 您的 API 密钥
odoo-key-help = 在 Odoo 中：您的个人资料、账户安全、新建 API 密钥。它只在此刻使用，不会保存。第一次必须是管理员的密钥：它为 Backorders 建立一个权限很少的用户、报告变化的规则，以及订单列表中的图标。
odoo-company = 公司
odoo-company-help = 如果您属于此数据库中的多家公司，请填写其名称。留空：您的用户默认所在的公司。每家公司单独连接。
odoo-no-company = 您的用户不在这家公司。所在公司：{ $companies }。
odoo-elsewhere = 同一数据库中的这家公司已经以地址 { $address } 连接。请用该地址登录：这是同一家公司，第二个连接会把所有东西买两次。如果您的 Odoo 已搬迁，请先在那里断开连接。
odoo-busy = 其他人正在设置这家公司。请几分钟后再试。
odoo-again = 重新设置 Odoo
odoo-enter = 登录
odoo-remove = 从此 Odoo 中移除 Backorders
odoo-remove-help = 使用管理员的密钥：规则、字段、图标和集成用户会被移除，您的采购订单保留。公司会断开连接。
odoo-removed = Backorders 的全部内容已从此 Odoo 中移除。
odoo-refused = Odoo 不接受此数据库、登录名或密钥。
odoo-not-administrator = 设置 Odoo 需要 Odoo 管理员（设置）的密钥。
odoo-failed = 无法设置 Odoo：{ $why }
odoo-incomplete = 需要地址、数据库、登录名和密钥。
odoo-too-often = 尝试次数过多。请等一分钟。
