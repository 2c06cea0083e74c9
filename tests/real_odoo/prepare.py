# Run in Odoo's own shell by scripts/real-odoo: what a person does on a page before Backorders can be connected.
# Prints a key of the administrator.
import datetime

ends = datetime.datetime.now() + datetime.timedelta(days=90)
admin = env.ref("base.user_admin")
admin.write({"email": "admin@example.com", "tz": "Europe/Brussels"})
print("KEY", "admin", env["res.users.apikeys"].with_user(admin).sudo()._generate("rpc", "Backorders", ends))
env.cr.commit()
