{
    "name": "Backorders",
    "version": "19.0.0.1.0",
    "summary": "Buys exactly what a sale is short of, and says when it is in",
    "category": "Inventory/Purchase",
    "author": "Backorders",
    "license": "LGPL-3",
    "depends": ["sale_stock", "purchase_stock", "base_automation"],
    "data": ["data/fields.xml", "data/views.xml", "data/integration.xml", "data/rules.xml"],
    "application": True,
}
