### What is said when something cannot be done.

error-not-found = 此处没有内容
error-not-found-text = 此地址不存在或已失效。
error-signed-out = 请登录
error-signed-out-text = 您尚未登录，或离开时间过长。
error-administrators = 仅限管理员
error-administrators-text = 只有贵公司的管理员可以这样做。
error-foreign-form = 请重试
error-foreign-form-text = 此表单并非从本应用的页面发送，或页面打开时间过长。没有任何更改。请返回、重新加载页面后再试。
error-invalid = 无法这样做
error-conflict = 有人更快一步
error-host = 您的 ERP 未按预期答复
error-moment = 请稍候
error-moment-text = 数据库没有响应。没有丢失任何内容，请稍后再试。
error-broken = 出现故障
error-broken-text = 这是我们的错误，与您无关，已记录在案。没有任何更改。
error-sign-in = 登录
error-to-list = 前往工作列表
error-settings-conflict = 其他人已在此期间保存了设置。请重新加载页面并再次更改。
error-chart = 无法绘制图表：{ $error }
