### States of backorders and of purchase orders, with their tooltips.

state-short = 缺货
state-asked = 待决定
state-declined = 已拒绝
state-on-order = 已订购
state-part-ready = 部分可发货
state-ready = 可发货
state-delivered = 已交货
state-cancelled = 已取消
state-short-help = 缺少的数量尚未订购
state-asked-help = 有一份采购订单等待决定
state-declined-help = 有人决定不采购缺少的数量
state-on-order-help = 缺少的数量已订购
state-part-ready-help = 一部分可以发货，其余已订购
state-ready-help = 全部到齐，可以发货
state-order-draft = ERP 中的草稿
state-order-issued = 已下达
state-order-received = 已收货
state-order-cancelled-there = 已在 ERP 中取消
state-order-planned = 即将创建
state-order-sending = 正在创建
state-order-unknown = 已发送，但未收到 ERP 的答复：正在查找
state-order-made = 已创建
state-order-refused = 被 ERP 拒绝
state-order-person = 需要人工查看
state-order-cancelled = 已取消
