### Connecting a company and signing in.

connect-disconnect-sure = 如确实要断开，请勾选“断开连接”旁的方框。
