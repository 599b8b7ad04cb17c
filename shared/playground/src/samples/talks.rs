//! What people write to the pretend company, again and again: `{order}` stands for the number of an order.

/// A question, and what its writer adds once it was answered.
pub(super) struct Talk {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    /// Hours ahead of UTC, where they live.
    pub(super) zone: i8,
    pub(super) subject: &'static str,
    pub(super) text: &'static str,
    pub(super) more: &'static str,
}

/// A lamp, as the order form names it.
pub(super) const LAMPS: [&str; 6] = [
    "Brume desk lamp",
    "Harbour floor lamp, oak",
    "B2 library lamp",
    "A3 clip lamp, black",
    "Quay pendant, brass",
    "Spare bulb E14, 5 W",
];

pub(super) const TALKS: [Talk; 14] = [
    Talk {
        name: "Oliver Hughes",
        address: "oliver.hughes@northgate.example",
        zone: 0,
        subject: "Order {order}: can the address still be changed?",
        text: "Hello,\n\nwe are moving next week. Can order {order} go to 18 Mill Lane instead of the old office?\n\nThank you\nOliver Hughes",
        more: "That was quick. Thank you, 18 Mill Lane is right.\n\nOliver",
    },
    Talk {
        name: "佐藤 健",
        address: "ken.sato@aoba-kenchiku.example",
        zone: 9,
        subject: "注文{order}の領収書について",
        text: "お世話になっております。青葉建築の佐藤です。\n\n注文{order}の領収書の宛名を「青葉建築株式会社」に変更していただけますか。\n\nよろしくお願いいたします。\n佐藤 健",
        more: "領収書を受け取りました。早速のご対応ありがとうございます。\n\n佐藤",
    },
    Talk {
        name: "نور الخطيب",
        address: "nour.alkhatib@dar-alfan.example",
        zone: 3,
        subject: "الطلب {order}: متى يصل المصباح؟",
        text: "السلام عليكم،\n\nطلبت مصباحين قبل أسبوع (الطلب {order}). متى أتوقع وصولهما إلى الرياض؟\n\nمع الشكر\nنور الخطيب",
        more: "وصل المصباحان اليوم بحالة ممتازة. شكرا لكم!\n\nنور",
    },
    Talk {
        name: "Sabine Krüger",
        address: "s.krueger@tischlerei-krueger.example",
        zone: 1,
        subject: "Bestellung {order}: Kabel zu kurz",
        text: "Guten Tag,\n\ndas Kabel der Stehlampe aus Bestellung {order} ist nur 1,50 m lang, im Shop stehen 2,50 m. Können Sie ein längeres schicken?\n\nFreundliche Grüße\nSabine Krüger",
        more: "Das neue Kabel ist da und passt. Herzlichen Dank!\n\nSabine Krüger",
    },
    Talk {
        name: "Emily Carter",
        address: "emily@fernwood-cafe.example",
        zone: -5,
        subject: "Urgent: order {order} arrived without bulbs",
        text: "Hi,\n\nwe open on Friday and the six lamps of order {order} came without a single bulb. Please help!\n\nEmily Carter, Fernwood Café",
        more: "You saved our opening night. The bulbs came this morning.\n\nEmily",
    },
    Talk {
        name: "Claire Fontaine",
        address: "claire.fontaine@galerie-nord.example",
        zone: 1,
        subject: "Commande {order} : une facture au nom de la galerie",
        text: "Bonjour,\n\npourriez-vous établir la facture de la commande {order} au nom de la Galerie Nord ?\n\nBien cordialement,\nClaire Fontaine",
        more: "Facture bien reçue, merci beaucoup.\n\nClaire Fontaine",
    },
    Talk {
        name: "田中 美咲",
        address: "misaki@tanaka-ryokan.example",
        zone: 9,
        subject: "至急：注文{order}の数量変更のお願い",
        text: "田中旅館の田中と申します。\n\n注文{order}の「B2 library lamp」を4台から6台に変更できますでしょうか。発送前でしたらお願いいたします。\n\n田中 美咲",
        more: "6台に変更していただき助かりました。到着を楽しみにしております。\n\n田中",
    },
    Talk {
        name: "Lucía Romero",
        address: "lucia.romero@estudio-sur.example",
        zone: 1,
        subject: "Pedido {order}: la pantalla llegó rayada",
        text: "Hola:\n\nla pantalla de latón del pedido {order} tiene un arañazo de unos tres centímetros. ¿Es posible cambiarla?\n\nUn saludo,\nLucía Romero",
        more: "Ya tengo la pantalla nueva, perfecta. Gracias.\n\nLucía",
    },
    Talk {
        name: "陈思远",
        address: "chen.siyuan@yunfan-design.example",
        zone: 8,
        subject: "订单{order}可以分两次发货吗？",
        text: "您好：\n\n订单{order}里的吊灯我们下个月才用得上，能否先发台灯，吊灯晚些再发？\n\n谢谢！\n陈思远",
        more: "台灯已收到，吊灯下月初发即可。非常感谢。\n\n陈思远",
    },
    Talk {
        name: "Grace Okafor",
        address: "grace.okafor@lagos-reads.example",
        zone: 1,
        subject: "Do you ship to Lagos?",
        text: "Good morning,\n\nour reading room would like twelve B2 lamps. Do you ship to Lagos, and what would it cost?\n\nKind regards\nGrace Okafor",
        more: "The offer is fine. We shall order on Monday.\n\nGrace",
    },
    Talk {
        name: "김민준",
        address: "minjun.kim@hanok-stay.example",
        zone: 9,
        subject: "주문 {order} 전압 문의",
        text: "안녕하세요,\n\n주문 {order}의 램프를 한국(220V)에서 그대로 쓸 수 있나요? 어댑터가 필요한지 알고 싶습니다.\n\n감사합니다.\n김민준",
        more: "답변 감사합니다. 잘 사용하고 있습니다.\n\n김민준",
    },
    Talk {
        name: "Paolo Ricci",
        address: "paolo@studio-ricci.example",
        zone: 1,
        subject: "Ordine {order}: è possibile il ritiro in negozio?",
        text: "Buongiorno,\n\nsarò in città giovedì: posso ritirare l'ordine {order} direttamente in negozio?\n\nCordiali saluti\nPaolo Ricci",
        more: "Ritirato tutto, siete stati gentilissimi.\n\nPaolo Ricci",
    },
    Talk {
        name: "Hannah Lindqvist",
        address: "hannah@biblioteket-soder.example",
        zone: 1,
        subject: "Dimmer of order {order} hums",
        text: "Hello,\n\nthe dimmer that came with order {order} hums as soon as it is turned below half. The other three are silent. Is it faulty?\n\nBest wishes\nHannah Lindqvist",
        more: "The replacement is silent. Thanks a lot!\n\nHannah",
    },
    Talk {
        name: "Rajesh Iyer",
        address: "rajesh.iyer@monsoon-books.example",
        zone: 5,
        subject: "Warranty card missing in order {order}",
        text: "Dear team,\n\nthe floor lamp of order {order} is lovely, but there was no warranty card in the box. Could you send one as PDF?\n\nRegards\nRajesh Iyer",
        more: "Got the PDF, all good.\n\nRajesh",
    },
];
