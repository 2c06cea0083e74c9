### Mails to the staff.

mail-title = Who is told what
mail-help = A mail goes at once, the digest once a day; the note stands on the document in your ERP.
mail-news = News
mail-at-once = Mail at once
mail-digest = In the digest
mail-note = Note in the ERP
mail-owner = Owner of the order
mail-buyer = Buyers
mail-team = Team
mail-event-shortfall-found = A shortfall was found
mail-event-purchase-order-made = A purchase order was made
mail-event-ready = An order can go
mail-event-part-ready = A part of an order can go
mail-event-not-ready = An order cannot go after all
mail-event-late = An order will be late
mail-event-purchase-order-cancelled = A purchase order was cancelled
mail-event-no-vendor = Something cannot be bought
mail-event-outcome-unknown = A purchase order’s outcome is not known
mail-event-purchase-order-refused = The ERP refused a purchase order
mail-event-change-proposed = Less is needed than was ordered
mail-team-emails = Addresses of the team
mail-team-emails-help = Separated by commas, such as the warehouse’s.
mail-digest-hour = Hour of the digest
mail-quiet-from = Quiet from
mail-quiet-to = Quiet until
mail-quiet-help = Hours of your company’s day, 0 to 23. Mails of the quiet hours go when they end. Twice the same hour: never quiet.
mail-hourly = Single mails to one person in an hour
mail-hourly-help = What comes on top in that hour goes as one mail, however long.
mail-save = Save
mail-saved = Saved.
mail-discard = Discard
mail-wrong-address = { $address } is not one address.
mail-wrong-number = Give a whole number from { $from } to { $to }.
mail-short-subject = { $order } is short: { $short }
mail-short-subject-from = { $order } is short: { $short }, from { $vendor }
mail-short-heading = Short: { $short }
mail-one-item = { $quantity } × { $name }
mail-items = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
mail-goods = goods
mail-short-text = More is needed than there is. Below is what is missing.
mail-short-text-ask = More is needed than there is. Below is what is missing, and the purchase that would cover exactly that.
mail-made-subject = { $number } to { $vendor } for { $order }
mail-made-heading = { $number } was made
mail-made-text = What was short for { $order } is now on order.
mail-ready-subject = { $order } can go: everything is in
mail-ready-heading = { $order } can go
mail-ready-text = Everything for it is in stock and held for it.
mail-part-ready-subject = { $order }: a part can go
mail-part-ready-text = Some of it is in stock and held for it; the rest is still to come.
mail-not-ready-heading = { $order } cannot go after all
mail-not-ready-text = We said that everything for it was in. A receipt was undone or the stock has changed since, and some of it is missing again.
mail-late-heading = { $order } will be late
mail-late-text = It will not be complete by the date on which it is needed.
mail-late-text-dates = It is now expected on { $expected }; it is needed by { $needed }.
mail-cancelled-subject = { $number } was cancelled: { $order } is short again
mail-cancelled-heading = { $number } was cancelled
mail-cancelled-text = It was to cover { $order }, which is short again. Nothing is bought again by itself: decide what to do.
mail-no-vendor-subject = { $order } is short and cannot be bought yet
mail-no-vendor-heading = It cannot be bought yet
mail-no-vendor-text = It is short, but no purchase order can be made for the items below. Put right what is missing, or decide in the app.
mail-unknown-subject = Please look: it is not known whether { $number } for { $order } was made
mail-unknown-heading = It is not known whether { $number } was made
mail-unknown-text = The connection broke while a purchase order was being made for { $order }, and it could not be found afterwards. So that nothing is bought twice, nothing more is done until you have looked in your ERP and said what you found.
mail-refused-subject = A purchase order for { $order } was refused
mail-refused-heading = Your ERP refused a purchase order
mail-refused-text = It was to cover { $order }, which stays short until this is put right.
mail-change-subject = { $order } has changed: decide about { $number }
mail-change-heading = Less is needed than was ordered
mail-change-text = What { $number } was made for has changed. It is confirmed or was edited by a person, so it is not changed by itself. You can keep the goods for stock, ask the vendor to reduce, or cancel the line.
mail-the-order = the purchase order
mail-the-vendor = the vendor
mail-order-for = { $order } for { $customer }
mail-need-by = needed by { $date }
mail-expected = expected { $date }
mail-item = Item
mail-open = Open
mail-in-stock = In stock
mail-on-order = On order
mail-short = Short
mail-line = { $item }: { $open } open, { $stock } in stock, { $ordered } on order, { $short } short
mail-more-lines = { $count ->
    [one] and { $count } more line in the app
   *[other] and { $count } more lines in the app
}
mail-from = From { $vendor }
mail-number-from = { $number } from { $vendor }
mail-straight = Straight to the customer: { $address }
mail-price = at { $price }
mail-approve = Approve
mail-decline = Decline
mail-show = Open
mail-decide = Decide
mail-at = { $what }: { $where }
mail-links = The links show what would be done; nothing happens until you confirm it there. They are yours: do not pass them on.
mail-watching = Backorders only watches for now: nothing was bought and nothing will be.
mail-sent-by = { $company }, sent by Backorders
mail-which = Which mails you get
mail-digest-title = { $count ->
    [one] { $count } piece of news
   *[other] { $count } pieces of news
}
mail-digest-subject = { $title } from { $company }
mail-digest-subject-decide = { $title } from { $company }, { $waiting } to decide
mail-digest-more = and { $count } more in the app
mail-event-access-revoked = The ERP no longer lets us in
mail-revoked-subject = Please sign in again: { $company } no longer lets Backorders in
mail-revoked-heading = Backorders is paused: please sign in again
mail-revoked-text = The ERP no longer accepts the permission that Backorders was given, so it is paused for { $company }: nothing is bought and nobody is told of anything. What happens meanwhile is kept, and goes on by itself as soon as an administrator has signed in again.
