### What went wrong between us and the ERP. What the ERP itself said is quoted as it is.

problem-its-words = “{ $words }”
problem-unreachable = 无法连接 ERP：{ $detail }
problem-token = ERP 不再接受我们的访问：{ $detail }
problem-wait = ERP 要求我们等待：{ $detail }
problem-unreadable = ERP 的回答无法读取：{ $detail }
problem-failed = ERP 自身出现问题：{ $detail }
problem-refused = ERP 拒绝：{ $detail }
problem-unknown = 不确定是否已执行：{ $detail }
problem-not-connected = 公司未连接：{ $detail }
problem-secret = 存储的密钥无法打开；请应用运营者检查
problem-stored = 存储的数据无法读取；请应用运营者检查
problem-paused = 手动暂停
problem-disconnected = 手动断开
problem-removed = 已从 Odoo 移除
problem-stopped = 发送它的进程被停止
problem-read-again = 等待重新读取相关订单
problem-taken-back = 发送前已撤回：需求已变化
problem-sent-often = 已发送 { $times } 次，但 ERP 中没有
problem-not-there = ERP 中没有；当前缺少的部分将重新计划
problem-several = 多份采购订单带有标记 { $marker }：{ $orders }
problem-not-listed = ERP 尚未列出其采购订单
problem-deleted = 采购订单在下达前被删除
problem-no-mark = ERP 返回的采购订单 { $order } 没有我们的标记
problem-other-vendor = ERP 创建的供应商是 { $made }，而不是 { $wanted }
problem-not-kept = ERP 未按订购保留 { $item } 的 { $quantity }
problem-added = ERP 添加了未订购的行
