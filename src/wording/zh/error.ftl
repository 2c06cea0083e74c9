### What is said when something cannot be done.

error-settings-conflict = 其他人已在此期间保存了设置。请重新加载页面并再次更改。
