### What stands around each page.

frame-skip = 跳到正文
frame-nav = 主菜单
frame-backorders = 缺货订单
frame-decisions = 待决事项
frame-insights = 分析
frame-activity = 活动记录
frame-settings = 设置
frame-sign-out = 退出
frame-connection = 连接
frame-watching = 观察模式：本应用只说明会做什么，不执行任何操作。
frame-watched = 本应用已观察 { $days } 天。本应询问或采购的内容在“决策”中；请在设置中选择今后的方式。
frame-revoked = 您的 ERP 不再允许我们访问（{ $reason }）。在管理员重新连接之前，不会读取或采购任何内容。
frame-no-reason = 未说明原因
frame-disconnected = 该公司已断开连接，不会读取或采购任何内容。
frame-paused = 已暂停：不读取、不采购、不发送。事件会保留。
frame-check-failed = 上次检查失败，将重试：{ $error }
frame-language = 语言
frame-language-change = 更改
