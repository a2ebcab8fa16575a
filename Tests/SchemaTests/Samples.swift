import Commerce
import EventSourcing
import Schema

/// One or more of each event and state of an aggregate, every optional field once present and once absent.
protocol Samples: Sendable {
    associatedtype A: RetailAggregate & Equatable where A.Event: Equatable
    /// The golden file's name.
    static var name: String { get }
    static var id: A.ID { get }
    static var events: [(label: String, event: A.Event)] { get }
    /// Each state as the events that lead to it; the empty state is always one more.
    static var stories: [(label: String, events: [A.Event])] { get }
}

extension Samples {
    static var states: [(label: String, state: A)] {
        [("empty", A(id: id))]
            + stories.map { story in
                var state = A(id: id)
                for event in story.events { state.apply(event) }
                return (story.label, state)
            }
    }
}

let allSamples: [any Samples.Type] = [
    StockSamples.self, OrderSamples.self, IdempotencyKeySamples.self, CartSamples.self, ProductSamples.self,
    EmailClaimSamples.self, SKUClaimSamples.self, AccountSamples.self, SessionSamples.self, LogInsSamples.self,
    ConsumerPositionSamples.self, VerificationKeySamples.self, ClusterUpgradeSamples.self,
    WebhooksSamples.self, WebhookProgressSamples.self,
]

enum StockSamples: Samples {
    typealias A = Stock
    static let name = "stock"
    static let id = lamp
    static let events: [(label: String, event: Stock.Event)] = [
        ("received", .received(12, reference: nil)),
        ("received-with-reference", .received(.max, reference: "delivery 17")),
        ("adjusted-count", .adjusted(delta: -3, reason: .count)),
        ("adjusted-correction", .adjusted(delta: 3, reason: .correction)),
        ("adjusted-damage", .adjusted(delta: -64, reason: .damage)),
        ("adjusted-theft", .adjusted(delta: -65, reason: .theft)),
        ("adjusted-expired", .adjusted(delta: -1_000_000_000_000, reason: .expired)),
        ("adjusted-return", .adjusted(delta: 1, reason: .customerReturn)),
        ("adjusted-supplier-return", .adjusted(delta: -1, reason: .supplierReturn)),
        ("adjusted-other", .adjusted(delta: 1, reason: .other("found bêhind the shelf"))),
        ("reserved-by-order", .reserved(.order(order), 2, until: nil)),
        ("reserved-by-hand", .reserved(.manual(hold), 300, until: .noon)),
        ("released", .released(.order(order), 2)),
        ("expired", .expired(.manual(hold), 300)),
        ("fulfilled", .fulfilled(.order(order), 2)),
        ("restocked", .restocked(2, order)),
    ]
    static let stories: [(label: String, events: [Stock.Event])] = [
        ("received", [.received(12, reference: nil)]),
        ("reserved", [
            .received(500, reference: nil), .reserved(.manual(hold), 300, until: .noon),
            .reserved(.order(order), 2, until: nil),
        ]),
    ]
}

enum OrderSamples: Samples {
    typealias A = Order
    static let name = "order"
    static let id = order
    static let plain = Placement(
        customer: customer, lines: [OrderLine(sku: lamp, quantity: 2, unitPrice: 850)], currency: .gbp,
        placedBy: customer, deadline: .noon + .seconds(30))
    static let full = Placement(
        customer: customer,
        lines: [
            OrderLine(sku: lamp, quantity: 2, unitPrice: 850), OrderLine(sku: mug, quantity: 1_000_000, unitPrice: 0),
            OrderLine(sku: lamp, quantity: 1, unitPrice: 1_000_000_000_000),
        ],
        currency: .eur,
        shippingAddress: ShippingAddress(
            name: "Ada Lovelace", line1: "12 St James's Square", line2: "Flat 3", city: "Zürich", region: "ZH",
            postalCode: "8001", country: "CH"),
        paymentMethod: "pm_card", placedBy: staff, deadline: .noon + .seconds(30))
    static let bare = Placement(
        customer: customer, lines: plain.lines, currency: .usd,
        shippingAddress: ShippingAddress(name: "A", line1: "B", city: "C", country: "GB"), placedBy: customer,
        deadline: .noon)
    static let fromCart = Placement(
        customer: customer, lines: plain.lines, currency: .gbp, placedBy: customer, deadline: .noon + .seconds(30),
        clearsCart: true)
    static let fromGuest = Placement(
        customer: customer, lines: plain.lines, currency: .gbp, email: EmailAddress("ada@example.org")!,
        placedBy: customer, deadline: .noon + .seconds(30))
    static let shortages = [
        Shortage(sku: lamp, requested: 2, available: 1), Shortage(sku: mug, requested: 1_000_000, available: 0),
    ]
    static let charge = ChargeID("ch_0001")!
    static let refund = RefundID("re_0001")!
    static let line = RefundLine(line: 0, quantity: 1, restock: true)

    static let events: [(label: String, event: Order.Event)] = [
        ("placed", .placed(plain, at: .noon)),
        ("placed-in-full", .placed(full, at: .noon)),
        ("placed-with-short-address", .placed(bare, at: .noon)),
        ("placed-from-cart", .placed(fromCart, at: .noon)),
        ("placed-by-guest", .placed(fromGuest, at: .noon)),
        ("rejected-for-stock", .rejected(.insufficientStock(shortages), at: .noon)),
        ("rejected-declined", .rejected(.declined(code: "card_declined"), at: .noon)),
        ("rejected-unavailable", .rejected(.paymentUnavailable, at: .noon)),
        ("rejected-expired", .rejected(.paymentExpired, at: .noon)),
        ("payment-unknown", .paymentUnknown(at: .noon)),
        ("paid", .paid(charge, at: .noon)),
        ("fulfilled", .fulfilled(at: .noon)),
        ("shipped", .shipped(tracking: nil, at: .noon)),
        ("shipped-with-tracking", .shipped(tracking: "1Z999", at: .noon)),
        ("tracking-corrected", .trackingCorrected("1Z998", at: .noon)),
        ("address-corrected", .addressCorrected(full.shippingAddress!, at: .noon)),
        ("delivered", .delivered(at: .noon)),
        ("cancelled", .cancelled(reason: nil, refundDue: false, restock: true, at: .noon)),
        ("cancelled-with-reason", .cancelled(reason: "changed my mind", refundDue: true, restock: false, at: .noon)),
        ("refund-requested", .refundRequested(reason: nil, restock: true, at: .noon)),
        ("refund-requested-with-reason", .refundRequested(reason: "broken", restock: false, at: .noon)),
        ("refunded", .refunded(refund, at: .noon)),
        ("part-refund-requested", .partRefundRequested(amount: 300, lines: [], reason: "late", at: .noon)),
        ("part-refund-requested-for-lines", .partRefundRequested(amount: 850, lines: [line], reason: nil, at: .noon)),
        ("part-refunded", .partRefunded(refund, number: 2, at: .noon)),
        ("personal-data-erased", .personalDataErased(at: .noon)),
    ]

    private static let paid: [Order.Event] = [.placed(plain, at: .noon), .paid(charge, at: .noon + .seconds(1))]
    private static let fulfilled = paid + [.fulfilled(at: .noon + .seconds(2))]
    private static let shipped = fulfilled + [.shipped(tracking: "1Z999", at: .noon + .seconds(3))]

    static let stories: [(label: String, events: [Order.Event])] = [
        ("placed", [.placed(full, at: .noon)]),
        ("unknown", [.placed(plain, at: .noon), .paymentUnknown(at: .noon)]),
        ("rejected-for-stock", [.placed(plain, at: .noon), .rejected(.insufficientStock(shortages), at: .noon)]),
        ("rejected-declined", [.placed(plain, at: .noon), .rejected(.declined(code: "no"), at: .noon)]),
        ("rejected-unavailable", [.placed(plain, at: .noon), .rejected(.paymentUnavailable, at: .noon)]),
        ("rejected-late", [
            .placed(plain, at: .noon), .paymentUnknown(at: .noon), .rejected(.paymentExpired, at: .noon),
        ]),
        ("paid", paid),
        ("fulfilled", fulfilled),
        ("shipped", shipped),
        ("placed-from-cart", [.placed(fromCart, at: .noon)]),
        ("placed-by-guest", [.placed(fromGuest, at: .noon)]),
        ("personal-data-erased", [
            .placed(full, at: .noon), .rejected(.paymentUnavailable, at: .noon), .personalDataErased(at: .noon),
        ]),
        ("tracking-corrected", shipped + [.trackingCorrected("1Z998", at: .noon + .seconds(4))]),
        ("address-corrected", paid + [.addressCorrected(bare.shippingAddress!, at: .noon + .seconds(2))]),
        ("delivered", shipped + [.delivered(at: .noon + .seconds(4))]),
        ("cancelled", paid + [.cancelled(reason: nil, refundDue: true, restock: false, at: .noon + .seconds(2))]),
        ("refund-due", shipped + [.refundRequested(reason: nil, restock: true, at: .noon + .seconds(5))]),
        ("part-refund-due", shipped + [
            .partRefundRequested(amount: 300, lines: [], reason: nil, at: .noon + .seconds(5)),
        ]),
        ("part-refunded", shipped + [
            .partRefundRequested(amount: 300, lines: [], reason: nil, at: .noon + .seconds(5)),
            .partRefundRequested(amount: 850, lines: [line], reason: nil, at: .noon + .seconds(5)),
            .partRefunded(refund, number: 1, at: .noon + .seconds(6)),
            .partRefunded(refund, number: 2, at: .noon + .seconds(6)),
        ]),
        ("refunded", shipped + [
            .refundRequested(reason: nil, restock: true, at: .noon + .seconds(5)),
            .refunded(refund, at: .noon + .seconds(6)),
        ]),
    ]
}

enum IdempotencyKeySamples: Samples {
    typealias A = IdempotencyKey
    static let name = "idempotency-key"
    static let id = IdempotencyKeyID(slot: Slot(7), digest: digest(0xaa))
    static let events: [(label: String, event: IdempotencyKey.Event)] = [
        ("claimed-for-order", claimed(.order(order))),
        ("claimed-for-answer", claimed(.answer(status: 201, location: "/api/v1/x", body: Array("{}".utf8)))),
        ("claimed-for-empty-answer", claimed(.answer(status: 204, location: nil, body: []))),
        ("claimed-for-refusal", claimed(.answer(status: 409, location: nil, body: []))),
        ("claimed-elsewhere", claimed(.elsewhere(Slot(0x123)))),
        ("released", .released),
    ]
    static let stories = events.map { (label: $0.label, events: [$0.event]) }

    private static func claimed(_ subject: IdempotencyKey.Subject) -> IdempotencyKey.Event {
        .claimed(IdempotencyKey.Claim(fingerprint: digest(0xbb), subject: subject, expiresAt: .noon))
    }
}

enum CartSamples: Samples {
    typealias A = Cart
    static let name = "cart"
    static let id = customer
    static let handover = Cart.Handover(to: staff, at: .noon)
    static let events: [(label: String, event: Cart.Event)] = [
        ("item-set", .itemSet(lamp, 200)), ("item-removed", .itemRemoved(lamp)), ("cleared", .cleared),
        ("opened-for-guest", .openedForGuest), ("handed-over", .handedOver(handover)),
    ]
    static let stories: [(label: String, events: [Cart.Event])] = [
        ("two-lines", [.itemSet(mug, 3), .itemSet(lamp, 200)]),
        ("of-guest", [.openedForGuest, .itemSet(mug, 3)]),
        ("handed-over", [.openedForGuest, .itemSet(mug, 3), .handedOver(handover)]),
    ]
}

enum ProductSamples: Samples {
    typealias A = Product
    static let name = "product"
    static let id = product
    static let plain = Product.Details(
        title: "Mug", isActive: false, variants: [Variant(sku: mug, price: Money(amount: 0, currency: .gbp))])
    static let full = Product.Details(
        title: "Reindeer lights", description: "Ten.\nWärm white.", brand: "Noel", category: "Home/Lighting",
        attributes: [ProductAttribute(name: "colour", value: "white"), ProductAttribute(name: "power", value: "3 W")],
        imageURLs: ["https://example.com/a.jpg", "https://example.com/b.jpg"],
        variants: [
            Variant(
                sku: lamp, title: "Ten", attributes: [ProductAttribute(name: "count", value: "10")],
                price: Money(amount: 850, currency: .gbp)),
            Variant(sku: mug, price: Money(amount: 1_000_000_000_000, currency: .gbp)),
        ])
    static let events: [(label: String, event: Product.Event)] = [
        ("created", .created(plain, at: .noon)),
        ("created-in-full", .created(full, at: .noon)),
        ("updated", .updated(full, at: .noon)),
        ("priced", .priced(lamp, Money(amount: 799, currency: .gbp), at: .noon)),
        ("activated", .activated(at: .noon)),
        ("deactivated", .deactivated(at: .noon)),
        ("units-sold", .unitsSold([SKUUnits(sku: lamp, units: 3), SKUUnits(sku: mug, units: .max)])),
        ("units-returned", .unitsReturned([SKUUnits(sku: lamp, units: 3), SKUUnits(sku: mug, units: .max)])),
    ]
    static let stories: [(label: String, events: [Product.Event])] = [
        ("created", [.created(plain, at: .noon)]),
        ("sold", [
            .created(full, at: .noon), .priced(lamp, Money(amount: 799, currency: .gbp), at: .noon + .seconds(1)),
            .unitsSold([SKUUnits(sku: lamp, units: 300)]),
        ]),
    ]
}

enum EmailClaimSamples: Samples {
    typealias A = EmailClaim
    static let name = "email-claim"
    static let id = EmailAddress("ada@example.com")!
    static let events: [(label: String, event: EmailClaim.Event)] = [
        ("claimed", .claimed(customer)), ("released", .released(customer)),
    ]
    static let stories: [(label: String, events: [EmailClaim.Event])] = [("claimed", [.claimed(customer)])]
}

enum SKUClaimSamples: Samples {
    typealias A = SKUClaim
    static let name = "sku-claim"
    static let id = CatalogueSKU(lamp)
    static let events: [(label: String, event: SKUClaim.Event)] = [
        ("claimed", .claimed(product)), ("released", .released(product)),
    ]
    static let stories: [(label: String, events: [SKUClaim.Event])] = [("claimed", [.claimed(product)])]
}

enum AccountSamples: Samples {
    typealias A = Account
    static let name = "account"
    static let id = customer
    static func registration(_ role: Role) -> Account.Registration {
        Account.Registration(
            email: EmailAddress("ada@example.com")!, firstName: "Ada", lastName: "Lövelace",
            passwordHash: PasswordHash("scrypt$17$8$1$c2FsdA$aGFzaA"), role: role)
    }
    static let events: [(label: String, event: Account.Event)] = [
        ("registered-customer", .registered(registration(.customer), at: .noon)),
        ("registered-staff", .registered(registration(.staff), at: .noon)),
        ("registered-admin", .registered(registration(.admin), at: .noon)),
        ("password-changed", .passwordChanged(PasswordHash("scrypt$17$8$1$bmV3$bmV3"))),
        ("role-granted", .roleGranted(.staff)),
        ("renamed", .renamed(firstName: "", lastName: "King")),
        ("sessions-ended", .sessionsEnded(.revoked, except: nil, at: .noon)),
        ("sessions-ended-but-one", .sessionsEnded(.passwordChanged, except: SessionSamples.id, at: .noon)),
        ("erased", .erased(at: .noon)),
    ]
    static let stories: [(label: String, events: [Account.Event])] = [
        ("registered", [.registered(registration(.customer), at: .noon)]),
        ("renamed", [.registered(registration(.customer), at: .noon), .renamed(firstName: "", lastName: "King")]),
        ("sessions-ended", [
            .registered(registration(.customer), at: .noon), .sessionsEnded(.revoked, except: nil, at: .noon),
        ]),
        ("sessions-ended-but-one", [
            .registered(registration(.customer), at: .noon),
            .sessionsEnded(.passwordChanged, except: SessionSamples.id, at: .noon),
        ]),
        ("erased", [
            .registered(registration(.customer), at: .noon), .sessionsEnded(.revoked, except: nil, at: .noon),
            .erased(at: .noon),
        ]),
    ]
}

enum SessionSamples: Samples {
    typealias A = Session
    static let name = "session"
    static let id = SessionID(at: .noon, slot: Slot(7), random: 5 << 40)
    static let opening = Session.Opening(
        customer: customer, token: RefreshTokenDigest(family: digest(1), rotation: digest(2)),
        expiresAt: .noon + .seconds(2_592_000), userAgent: "curl/8")
    static let laterOpening = Session.Opening(
        customer: customer, token: RefreshTokenDigest(family: digest(1), rotation: digest(2)),
        expiresAt: .noon + .seconds(2_592_000), userAgent: "curl/8", epoch: 300)
    static let events: [(label: String, event: Session.Event)] = [
        ("opened", .opened(opening, at: .noon)),
        ("opened-in-later-epoch", .opened(laterOpening, at: .noon)),
        ("rotated", .rotated(digest(3), by: nil, at: .noon)),
        ("rotated-by-client", .rotated(digest(3), by: digest(4), at: .noon)),
        ("repeated", .repeated(at: .noon)),
        ("ended-logged-out", .ended(.loggedOut, at: .noon)),
        ("ended-revoked", .ended(.revoked, at: .noon)),
        ("ended-password-changed", .ended(.passwordChanged, at: .noon)),
        ("ended-reuse-detected", .ended(.reuseDetected, at: .noon)),
    ]
    static let stories: [(label: String, events: [Session.Event])] = [
        ("opened", [.opened(opening, at: .noon)]),
        ("ended", [
            .opened(opening, at: .noon), .rotated(digest(3), by: nil, at: .noon + .seconds(1)),
            .ended(.reuseDetected, at: .noon + .seconds(2)),
        ]),
        ("opened-in-later-epoch", [.opened(laterOpening, at: .noon)]),
        ("repeated", [
            .opened(opening, at: .noon), .rotated(digest(3), by: digest(4), at: .noon + .seconds(1)),
            .repeated(at: .noon + .seconds(2)),
        ]),
    ]
}

enum LogInsSamples: Samples {
    typealias A = LogIns
    static let name = "log-ins"
    static let id = customer
    static let home = LogInOrigin(address: digest(5), device: digest(6))
    static let abroad = LogInOrigin(address: digest(7), device: digest(8))
    static let events: [(label: String, event: LogIns.Event)] = [
        ("failed", .failed(abroad, at: .noon)), ("succeeded", .succeeded(home, at: .noon)),
        ("cleared", .cleared(at: .noon)), ("erased", .erased(at: .noon)),
    ]
    static let stories: [(label: String, events: [LogIns.Event])] = [
        ("failed", [.succeeded(home, at: .noon), .failed(abroad, at: .noon), .failed(home, at: .noon)])
    ]
}

enum ConsumerPositionSamples: Samples {
    typealias A = ConsumerPosition
    static let name = "consumer-position"
    static let id = ConsumerPositionID(consumer: .inventory, source: ShardID(3), slot: Slot(2))
    static let events: [(label: String, event: ConsumerPosition.Event)] = [
        ("advanced", .advanced(to: LogIndex(300))), ("advanced-far", .advanced(to: LogIndex(.max))),
    ]
    static let stories: [(label: String, events: [ConsumerPosition.Event])] = [
        ("advanced", [.advanced(to: LogIndex(300))])
    ]
}

enum VerificationKeySamples: Samples {
    typealias A = VerificationKey
    static let name = "verification-key"
    static let id = VerificationKeyID(digest(0x21))
    static let es256 = VerificationKey.Publication(by: 300, .es256, [UInt8](repeating: 0x31, count: 64))!
    static let eddsa = VerificationKey.Publication(by: 1, .eddsa, [UInt8](repeating: 0x32, count: 32))!
    static let events: [(label: String, event: VerificationKey.Event)] = [
        ("published", .published(es256, endsAt: nil, at: .noon)),
        ("published-ed25519", .published(eddsa, endsAt: nil, at: .noon)),
        ("replaced", .published(es256, endsAt: .noon + .seconds(960), at: .noon)),
    ]
    static let stories: [(label: String, events: [VerificationKey.Event])] = [
        ("published", [.published(es256, endsAt: nil, at: .noon)]),
        ("replaced", [
            .published(eddsa, endsAt: nil, at: .noon), .published(eddsa, endsAt: .noon + .seconds(960), at: .noon),
        ]),
    ]
}

enum ClusterUpgradeSamples: Samples {
    typealias A = ClusterUpgrade
    static let name = "cluster-upgrade"
    static let id = ClusterUpgradeID()
    static let events: [(label: String, event: ClusterUpgrade.Event)] = [
        ("raised", .raised(to: ClusterVersion(rawValue: 0x0102)))
    ]
    static let stories: [(label: String, events: [ClusterUpgrade.Event])] = [
        ("raised", [.raised(to: ClusterVersion(rawValue: 2))])
    ]
}
