### States of backorders and of purchase orders, with their tooltips.
