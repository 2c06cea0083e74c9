### States of backorders and of purchase orders, with their tooltips.

state-short = Short
state-asked = Asked
state-declined = Declined
state-on-order = On order
state-part-ready = Part ready
state-ready = Ready
state-delivered = Delivered
state-cancelled = Cancelled
state-short-help = Nothing is ordered for what is missing
state-asked-help = A purchase order waits for a decision
state-declined-help = A person decided not to buy what is missing
state-on-order-help = What is missing is on order
state-part-ready-help = A part can go, the rest is on order
state-ready-help = Everything is there: it can go
state-order-draft = Draft in the ERP
state-order-issued = Issued
state-order-received = Received
state-order-cancelled-there = Cancelled in the ERP
state-order-planned = About to be made
state-order-sending = Being made
state-order-unknown = Sent, the ERP’s answer was lost: being looked up
state-order-made = Made
state-order-refused = Refused by the ERP
state-order-person = A person must look
state-order-cancelled = Cancelled
