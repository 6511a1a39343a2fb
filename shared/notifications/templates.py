"""The texts by template key, audience and language. Pure data.

Placeholders: {amount} such as "INR 250.00", {merchant_name}, and {when} and {until}, times such as
"2026-11-24 18:30" by the clocks of the merchant. A locked phone shows these texts, so they hold no other data
of a user or an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.notifications.kinds import Audience, TemplateKey

FALLBACK = "en"
"""The language of users whose own language has no texts yet."""

Text = tuple[str, str]
"""Title and body."""

_O, _A = TemplateKey, Audience

TEXTS: Mapping[tuple[TemplateKey, Audience], Mapping[str, Text]] = MappingProxyType(
    {
        (_O.ORDER_PLACED, _A.CUSTOMER): {
            "en": ("We have your order", "Pay now to send it to the merchant."),
            "hi": ("आपका ऑर्डर मिल गया", "विक्रेता तक भेजने के लिए अभी भुगतान करें।"),
        },
        (_O.ORDER_PLACED_FOR_LATER, _A.CUSTOMER): {
            "en": ("We have your order for {when}", "Pay it by {until} to keep it."),
            "hi": ("{when} का आपका ऑर्डर मिल गया", "इसे बनाए रखने के लिए {until} तक भुगतान करें।"),
        },
        (_O.OCCURRENCE_PLACED, _A.CUSTOMER): {
            "en": ("Your recurring order for {when}", "Pay it by {until}, or it is cancelled."),
            "hi": ("{when} का आपका नियमित ऑर्डर", "{until} तक भुगतान करें, नहीं तो यह रद्द हो जाएगा।"),
        },
        (_O.OCCURRENCE_SKIPPED, _A.CUSTOMER): {
            "en": ("No recurring order for {when}", "It could not be placed. Open the app to read why."),
            "hi": ("{when} का नियमित ऑर्डर नहीं हुआ", "यह नहीं दिया जा सका। कारण जानने के लिए ऐप खोलें।"),
        },
        (_O.RECURRENCE_STOPPED, _A.CUSTOMER): {
            "en": ("Your recurring order has ended", "No more orders are placed. Open the app to read why."),
            "hi": ("आपका नियमित ऑर्डर समाप्त हुआ", "अब और ऑर्डर नहीं होंगे। कारण जानने के लिए ऐप खोलें।"),
        },
        (_O.PAYMENT_CAPTURED_FOR_LATER, _A.CUSTOMER): {
            "en": ("Payment received", "{amount} received. Your order is for {when}."),
            "hi": ("भुगतान मिल गया", "{amount} प्राप्त हुए। आपका ऑर्डर {when} के लिए है।"),
        },
        (_O.PAYMENT_CAPTURED_FOR_LATER, _A.MERCHANT): {
            "en": (
                "New order for {when}",
                "It is paid. Confirm it ahead if you like; we notify you at its time.",
            ),
            "hi": ("{when} के लिए नया ऑर्डर", "भुगतान हो चुका है। अभी पुष्टि कर सकते हैं; शुरू करने का समय हम बताएँगे।"),
        },
        (_O.ORDER_TO_CONFIRM, _A.MERCHANT): {
            "en": ("Begin the order for {when}", "It is paid and waiting for you to confirm it now."),
            "hi": ("{when} का ऑर्डर शुरू करें", "भुगतान हो चुका है और यह अभी आपकी पुष्टि की प्रतीक्षा में है।"),
        },
        (_O.ORDER_TO_PREPARE, _A.MERCHANT): {
            "en": ("Begin the order for {when}", "You have confirmed it. Please prepare it now."),
            "hi": ("{when} का ऑर्डर शुरू करें", "आपने इसकी पुष्टि कर दी है। कृपया इसे अभी तैयार करें।"),
        },
        (_O.PAYMENT_CAPTURED, _A.CUSTOMER): {
            "en": ("Payment received", "{amount} received. The merchant has your order."),
            "hi": ("भुगतान मिल गया", "{amount} प्राप्त हुए। आपका ऑर्डर विक्रेता तक पहुँच गया है।"),
        },
        (_O.PAYMENT_CAPTURED, _A.MERCHANT): {
            "en": ("New order", "A paid order is waiting for you to confirm it."),
            "hi": ("नया ऑर्डर", "भुगतान हो चुका एक ऑर्डर आपकी पुष्टि की प्रतीक्षा में है।"),
        },
        (_O.PAYMENT_TOO_LATE, _A.CUSTOMER): {
            "en": ("Your money is on its way back", "{amount} came after the order was cancelled."),
            "hi": ("आपके पैसे लौटाए जा रहे हैं", "ऑर्डर रद्द होने के बाद {amount} प्राप्त हुए।"),
        },
        (_O.ORDER_CONFIRMED, _A.CUSTOMER): {
            "en": ("Order confirmed", "Your order is being prepared."),
            "hi": ("ऑर्डर की पुष्टि हुई", "आपका ऑर्डर तैयार किया जा रहा है।"),
        },
        (_O.ORDER_CONFIRMED_AHEAD, _A.CUSTOMER): {
            "en": ("Order confirmed", "Your order for {when} is confirmed."),
            "hi": ("ऑर्डर की पुष्टि हुई", "{when} के आपके ऑर्डर की पुष्टि हो गई।"),
        },
        (_O.OFFER_MADE, _A.DRIVER): {
            "en": ("New delivery", "Pick up at {merchant_name}. Answer before the offer ends."),
            "hi": ("नई डिलीवरी", "{merchant_name} से सामान लें। समय समाप्त होने से पहले जवाब दें।"),
        },
        (_O.DRIVER_SET_OFFLINE, _A.DRIVER): {
            "en": ("You are offline now", "You left several offers unanswered. Go online to be asked again."),
            "hi": ("अब आप ऑफ़लाइन हैं", "आपने कई ऑफ़र का जवाब नहीं दिया। फिर से ऑफ़र पाने के लिए ऑनलाइन आएँ।"),
        },
        (_O.DRIVER_ASSIGNED, _A.CUSTOMER): {
            "en": ("A driver is on the way", "Your order will be picked up soon."),
            "hi": ("ड्राइवर रास्ते में है", "आपका ऑर्डर जल्द ही उठाया जाएगा।"),
        },
        (_O.DRIVER_ASSIGNED, _A.MERCHANT): {
            "en": ("Driver found", "A driver is coming to pick up an order."),
            "hi": ("ड्राइवर मिल गया", "एक ड्राइवर ऑर्डर लेने आ रहा है।"),
        },
        (_O.ORDER_PICKED_UP, _A.CUSTOMER): {
            "en": ("Picked up", "Your order is on its way to you."),
            "hi": ("ऑर्डर उठा लिया गया", "आपका ऑर्डर आपकी ओर आ रहा है।"),
        },
        (_O.ORDER_DELIVERED, _A.CUSTOMER): {
            "en": ("Delivered", "Enjoy! How was the delivery? Rate your driver."),
            "hi": ("पहुँचा दिया गया", "आनंद लें! डिलीवरी कैसी रही? अपने ड्राइवर को रेट करें।"),
        },
        (_O.ORDER_DELIVERED, _A.DRIVER): {
            "en": ("Delivery complete", "Well done, this delivery is finished."),
            "hi": ("डिलीवरी पूरी हुई", "शाबाश, यह डिलीवरी पूरी हो गई।"),
        },
        (_O.ORDER_DELIVERED, _A.MERCHANT): {
            "en": ("Order delivered", "An order has reached its customer."),
            "hi": ("ऑर्डर पहुँच गया", "एक ऑर्डर ग्राहक तक पहुँच गया।"),
        },
        (_O.DELIVERY_FAILED, _A.CUSTOMER): {
            "en": ("Delivery failed", "Your order could not be handed over. Your driver still has it."),
            "hi": ("डिलीवरी नहीं हो सकी", "आपका ऑर्डर सौंपा नहीं जा सका। वह अभी ड्राइवर के पास है।"),
        },
        (_O.DELIVERY_FAILED, _A.MERCHANT): {
            "en": ("Delivery failed", "An order could not be handed over to its customer."),
            "hi": ("डिलीवरी नहीं हो सकी", "एक ऑर्डर ग्राहक को सौंपा नहीं जा सका।"),
        },
        (_O.REDELIVERY_STARTED, _A.CUSTOMER): {
            "en": ("Another try", "Your driver is bringing your order again."),
            "hi": ("एक और प्रयास", "आपका ड्राइवर ऑर्डर फिर से ला रहा है।"),
        },
        (_O.ORDER_RETURNING, _A.MERCHANT): {
            "en": ("An order comes back", "Please confirm when you have the goods."),
            "hi": ("ऑर्डर वापस आ रहा है", "सामान मिलने पर कृपया पुष्टि करें।"),
        },
        (_O.ORDER_RETURNED, _A.CUSTOMER): {
            "en": ("Order returned", "Your order went back. What is due to you is refunded by itself."),
            "hi": ("ऑर्डर लौटाया गया", "आपका ऑर्डर लौट गया। जो आपको देय है वह अपने आप लौटा दिया जाएगा।"),
        },
        (_O.ORDER_RETURNED, _A.DRIVER): {
            "en": ("Return complete", "The goods are back, this delivery is finished."),
            "hi": ("वापसी पूरी हुई", "सामान लौट गया, यह डिलीवरी पूरी हुई।"),
        },
        (_O.ORDER_CANCELLED, _A.CUSTOMER): {
            "en": ("Order cancelled", "What you have paid goes back by itself, less any fee."),
            "hi": ("ऑर्डर रद्द हुआ", "शुल्क हो तो उसे घटाकर आपका भुगतान अपने आप लौटा दिया जाएगा।"),
        },
        (_O.ORDER_CANCELLED, _A.MERCHANT): {
            "en": ("Order cancelled", "An order was cancelled, please stop preparing it."),
            "hi": ("ऑर्डर रद्द हुआ", "एक ऑर्डर रद्द हो गया, कृपया उसे तैयार करना रोक दें।"),
        },
        (_O.ORDER_CANCELLED, _A.DRIVER): {
            "en": ("Delivery cancelled", "You need not pick this order up any more."),
            "hi": ("डिलीवरी रद्द हुई", "अब आपको यह ऑर्डर नहीं उठाना है।"),
        },
        (_O.ORDER_FOR_LATER_CANCELLED, _A.CUSTOMER): {
            "en": ("Order for {when} cancelled", "What you have paid goes back by itself, less any fee."),
            "hi": ("{when} का ऑर्डर रद्द हुआ", "शुल्क हो तो उसे घटाकर आपका भुगतान अपने आप लौटा दिया जाएगा।"),
        },
        (_O.ORDER_FOR_LATER_CANCELLED, _A.MERCHANT): {
            "en": ("Order for {when} cancelled", "You need not begin it."),
            "hi": ("{when} का ऑर्डर रद्द हुआ", "आपको इसे शुरू नहीं करना है।"),
        },
        (_O.ORDER_UNASSIGNABLE, _A.CUSTOMER): {
            "en": ("No driver yet", "We have found no driver for your order so far."),
            "hi": ("अभी कोई ड्राइवर नहीं", "आपके ऑर्डर के लिए अब तक कोई ड्राइवर नहीं मिला।"),
        },
        (_O.ORDER_UNASSIGNABLE, _A.MERCHANT): {
            "en": ("No driver found", "We have found no driver for an order so far."),
            "hi": ("कोई ड्राइवर नहीं मिला", "एक ऑर्डर के लिए अब तक कोई ड्राइवर नहीं मिला।"),
        },
        (_O.ORDER_ESCALATED, _A.OPERATOR): {
            "en": ("An order needs you", "Reason: {reason}. Decide what happens to it."),
            "hi": ("एक ऑर्डर को आपकी ज़रूरत है", "कारण: {reason}। तय करें कि आगे क्या हो।"),
        },
        (_O.ORDER_ESCALATED, _A.DRIVER): {
            "en": ("We cannot see where you are", "Open the app, or tell support what has happened."),
            "hi": ("हमें आपकी स्थिति नहीं मिल रही", "ऐप खोलें या सहायता को बताएँ कि क्या हुआ।"),
        },
        (_O.ORDER_DELAYED, _A.OPERATOR): {
            "en": ("An order is delayed", "It has not moved on for too long. Decide what happens to it."),
            "hi": ("एक ऑर्डर में देरी है", "यह बहुत देर से आगे नहीं बढ़ा। तय करें कि आगे क्या हो।"),
        },
        (_O.DRIVER_HANDED_BACK, _A.CUSTOMER): {
            "en": ("Another driver is on it", "Your driver could not come. We are looking for another one."),
            "hi": ("दूसरा ड्राइवर आ रहा है", "आपका ड्राइवर नहीं आ सका। हम दूसरा ड्राइवर ढूँढ रहे हैं।"),
        },
        (_O.DRIVER_HANDED_BACK, _A.MERCHANT): {
            "en": ("Another driver will come", "The driver of an order could not come."),
            "hi": ("दूसरा ड्राइवर आएगा", "एक ऑर्डर का ड्राइवर नहीं आ सका।"),
        },
        (_O.DRIVER_REPLACED, _A.DRIVER): {
            "en": ("An order was given to another driver", "You need not deliver it any more."),
            "hi": ("एक ऑर्डर दूसरे ड्राइवर को दिया गया", "अब आपको उसे पहुँचाना नहीं है।"),
        },
        (_O.DRIVER_REPLACED, _A.CUSTOMER): {
            "en": ("Another driver is on it", "Your driver could not come. We are looking for another one."),
            "hi": ("दूसरा ड्राइवर आ रहा है", "आपका ड्राइवर नहीं आ सका। हम दूसरा ड्राइवर ढूँढ रहे हैं।"),
        },
        (_O.ORDER_REASSIGNED, _A.MERCHANT): {
            "en": ("Another driver will come", "The driver of an order was replaced. Keep the goods ready."),
            "hi": ("दूसरा ड्राइवर आएगा", "एक ऑर्डर का ड्राइवर बदल दिया गया। सामान तैयार रखें।"),
        },
        (_O.ORDER_TO_MAKE_AGAIN, _A.MERCHANT): {
            "en": ("Make an order again", "Its driver cannot deliver it. Another one comes to pick it up."),
            "hi": ("एक ऑर्डर फिर से बनाएँ", "उसका ड्राइवर उसे पहुँचा नहीं सकता। दूसरा ड्राइवर लेने आएगा।"),
        },
        (_O.ORDER_TO_PACK_AGAIN, _A.MERCHANT): {
            "en": ("Pack an order again", "Its driver cannot deliver it. Another one comes to pick it up."),
            "hi": ("एक ऑर्डर फिर से पैक करें", "उसका ड्राइवर उसे पहुँचा नहीं सकता। दूसरा ड्राइवर लेने आएगा।"),
        },
        (_O.PAYMENT_REFUNDED, _A.CUSTOMER): {
            "en": ("Refund sent", "{amount} is on its way back to you."),
            "hi": ("रिफ़ंड भेजा गया", "{amount} आपको लौटाए जा रहे हैं।"),
        },
        (_O.TIP_PAID, _A.DRIVER): {
            "en": ("You got a tip", "A customer has thanked you with {amount}."),
            "hi": ("आपको टिप मिली", "एक ग्राहक ने आपको {amount} देकर धन्यवाद कहा है।"),
        },
        (_O.SUBSTITUTION_PROPOSED, _A.CUSTOMER): {
            "en": ("Will something else do?", "An item ran out. Answer in 10 minutes, or it is left out."),
            "hi": ("क्या कुछ और चलेगा?", "एक चीज़ ख़त्म हो गई। 10 मिनट में जवाब दें, नहीं तो वह हटा दी जाएगी।"),
        },
        (_O.SUBSTITUTION_ACCEPTED, _A.MERCHANT): {
            "en": ("Replacement accepted", "The customer takes what you have offered instead."),
            "hi": ("विकल्प स्वीकार हुआ", "ग्राहक ने आपका दिया हुआ विकल्प मान लिया है।"),
        },
        (_O.SUBSTITUTION_DECLINED, _A.MERCHANT): {
            "en": ("Replacement declined", "Please leave the item out of the order."),
            "hi": ("विकल्प अस्वीकार हुआ", "कृपया वह चीज़ ऑर्डर से हटा दें।"),
        },
        (_O.SUBSTITUTION_DECLINED, _A.CUSTOMER): {
            "en": ("An item was left out", "You did not answer in time. Its price goes back by itself."),
            "hi": ("एक चीज़ हटा दी गई", "समय पर जवाब नहीं मिला। उसकी क़ीमत अपने आप लौटा दी जाएगी।"),
        },
        (_O.ORDER_REMINDER_RAISED, _A.MERCHANT): {
            "en": ("An order is waiting", "It should be further by now. Please go on with it."),
            "hi": ("एक ऑर्डर रुका हुआ है", "इसे अब तक आगे बढ़ जाना चाहिए था। कृपया इस पर आगे काम करें।"),
        },
        (_O.ORDER_REMINDER_RAISED, _A.DRIVER): {
            "en": ("Your delivery is waiting", "It should be further by now. Please go on, or tell support."),
            "hi": ("आपकी डिलीवरी रुकी हुई है", "इसे अब तक आगे बढ़ जाना चाहिए था। आगे बढ़ें या सहायता को बताएँ।"),
        },
        (_O.DOCUMENT_APPROVED, _A.OWNER): {
            "en": ("Document approved", "A document that you handed in has been approved."),
            "hi": ("दस्तावेज़ स्वीकृत", "आपका जमा किया हुआ एक दस्तावेज़ स्वीकृत हो गया है।"),
        },
        (_O.DOCUMENT_REJECTED, _A.OWNER): {
            "en": ("Document rejected", "Open the app to read why, and hand in another one."),
            "hi": ("दस्तावेज़ अस्वीकृत", "कारण जानने के लिए ऐप खोलें और दूसरा दस्तावेज़ जमा करें।"),
        },
        (_O.DOCUMENT_EXPIRING, _A.OWNER): {
            "en": ("A document ends soon", "Hand in a new one within two weeks, so that you can go on."),
            "hi": ("एक दस्तावेज़ की अवधि समाप्त होने वाली है", "काम जारी रखने के लिए दो हफ़्ते में नया दस्तावेज़ जमा करें।"),
        },
        (_O.DOCUMENT_EXPIRED, _A.OWNER): {
            "en": ("A document has ended", "Hand in a new one to go on."),
            "hi": ("एक दस्तावेज़ की अवधि समाप्त हो गई", "काम जारी रखने के लिए नया दस्तावेज़ जमा करें।"),
        },
        (_O.SECOND_FACTOR_ADDED, _A.OWNER): {
            "en": (
                "A second factor was added",
                "Your account has a new one. Not your wish? Contact support.",
            ),
            "hi": ("दूसरा सुरक्षा चरण जोड़ा गया", "आपके खाते में नया चरण है। आपने नहीं कहा था? सहायता से संपर्क करें।"),
        },
        (_O.SECOND_FACTOR_REMOVED, _A.OWNER): {
            "en": (
                "A second factor was removed",
                "Your account has none now. Not your wish? Contact support.",
            ),
            "hi": ("दूसरा सुरक्षा चरण हटा", "आपके खाते में अब कोई नहीं है। आपने नहीं कहा था? सहायता से संपर्क करें।"),
        },
        (_O.SECOND_FACTOR_RESET, _A.OWNER): {
            "en": ("Your second factor was reset", "Sign in and enrol another. Not your wish? Tell support."),
            "hi": ("आपका दूसरा सुरक्षा चरण हटाया गया", "साइन इन करके नया जोड़ें। आपने नहीं कहा था? सहायता को बताएँ।"),
        },
    }
)
