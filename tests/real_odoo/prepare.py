# Run in Odoo's own shell by scripts/real-odoo: what a company has before it connects Backorders, and no button makes by RPC.
# Prints a key of an administrator and one of a user with the rights that the documents ask for, no more.
import datetime

year = datetime.datetime.now() + datetime.timedelta(days=90)
rights = ["base.group_user", "sales_team.group_sale_salesman_all_leads", "stock.group_stock_user",
          "purchase.group_purchase_user", "uom.group_uom", "stock.group_stock_multi_locations"]
worker = env["res.users"].create({
    "name": "Backorders", "login": "backorders", "email": "backorders@example.com", "tz": "Europe/Brussels",
    "group_ids": [(6, 0, [env.ref(name).id for name in rights])],
})
admin = env.ref("base.user_admin")
admin.write({"email": "admin@example.com", "tz": "Europe/Brussels"})
for name, user in (("admin", admin), ("worker", worker)):
    print("KEY", name, env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "Backorders", year))
env.cr.commit()
