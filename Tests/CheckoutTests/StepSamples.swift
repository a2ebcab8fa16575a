import ActorSystem
import Commerce
import EventSourcing
import Schema
import StepTesting
import Steps

@testable import Checkout

/// At least one of each step, answer and refusal.
let samples: [StepSample] = ofProcedures + ofOpening + ofChanges + ofChangeRefusals + ofSaga + ofKeys + ofFeed

private let mug = SKU("35004C")!
private let tea = SKU("22941")!
private let units = [SKUUnits(sku: tea, units: 1), SKUUnits(sku: mug, units: 200)]
private let shortages = [Shortage(sku: mug, requested: 3, available: 2)]
private let keyID = IdempotencyKeyID(slot: Slot(5), digest: digest(0x11))
private let key = StepKey(id: keyID, fingerprint: digest(0x22))
private let conditions = Preconditions(ifMatch: "\"7\"", ifNoneMatch: "\"8\"")
private let charge = ChargeID("ch_1")!
private let refund = RefundID("re_1")!
private let claim = IdempotencyKey.Claim(
    fingerprint: digest(0x22), subject: .elsewhere(Slot(9)), expiresAt: .noon + .seconds(60))

private let ofProcedures: [StepSample] = [
    .step("whole", OrderRequest.sample),
    .step("least", OrderRequest.sampleOfCustomer),
    .step("guest", OrderRequest.sampleOfGuest),
    .answer(OrderRequest.self, "order", OrderAnswer(order: order, isReplay: false)),
    .refusal(OrderRequest.self, "refused", .refused(.unknownSKU(item: 1))),
    .refusal(OrderRequest.self, "running", .stillRunning(.sample)),
    .step("ship", ChangeAndRefund(change: change(.ship(tracking: nil)))),
]

private let ofOpening: [StepSample] = [
    .step("whole", open(.sample, .success(Quote(unitPrices: [250, 1_000], currency: .gbp)))),
    .step("refused", open(.sampleOfCustomer, .failure(.tooManyUndecided))),
    .answer(OpenOrder.self, "new", .new(order, asOf: LogIndex(300), shortages)),
    .answer(OpenOrder.self, "replay", .replay(.sample)),
    .refusal(OpenOrder.self, "key-reused", .keyReused),
    .refusal(OpenOrder.self, "unknown-sku", .unknownSKU(item: 1)),
    .refusal(OpenOrder.self, "inactive-sku", .inactiveSKU(item: 200)),
    .refusal(OpenOrder.self, "currencies", .mixedCurrencies),
    .refusal(OpenOrder.self, "total", .totalDiffers(actual: Money(amount: 999, currency: .gbp))),
    .refusal(OpenOrder.self, "undecided", .tooManyUndecided),
    .refusal(OpenOrder.self, "no-account", .noAccount),
] + fields.map { .refusal(OpenOrder.self, "invalid-\($0)", .invalid($1)) }

private let fields: [(String, PlacementField)] = [
    ("lines", .lines), ("quantity", .quantity(line: 1)), ("price", .unitPrice(line: 1)), ("total", .total),
    ("address", .shippingAddress), ("method", .paymentMethod), ("deadline", .deadline), ("tracking", .tracking),
    ("reason", .reason), ("refund-items", .refundItems), ("refund-sku", .refundSKU(item: 1)),
    ("refund-quantity", .refundQuantity(item: 1)), ("refund-amount", .refundAmount),
]

private let ofChanges: [StepSample] = [
    .step("address", change(.correctAddress(.sample))),
    .step("address-with-region", change(.correctAddress(.sampleAbroad))),
    .step("ship", ChangeOrder(.sample, .ship(tracking: "T1"), of: .sample, if: conditions, key: key)),
    .step("deliver", change(.deliver)),
    .step("cancel", change(.cancel(reason: "late"))),
    .step("refund", change(.refund(reason: nil, restock: true))),
    .step("refund-with-reason", change(.refund(reason: "dent", restock: false))),
    .step("refund-amount", change(.refundPart(.amount(-5), reason: "dent"))),
    .step(
        "refund-items",
        change(
            .refundPart(
                .items([RefundItem(sku: mug, quantity: 1), RefundItem(sku: tea, quantity: 2, restock: false)]),
                reason: nil))),
    .step("fulfill", change(.fulfill)),
    .answer(ChangeOrder.self, "order", OrderAnswer(order: order, isReplay: true)),
]

private let ofChangeRefusals: [StepSample] = [
    .refusal(ChangeOrder.self, "not-found", .notFound),
    .refusal(ChangeOrder.self, "key-reused", .keyReused),
] + rules.map { .refusal(ChangeOrder.self, $0, .order($1)) }

private let rules: [(String, Order.Refusal)] = [
    ("not-placed", .notPlaced), ("already-placed", .alreadyPlaced), ("invalid", .invalid(.reason)),
    ("transition", .illegalTransition(from: .shipped, .cancel)), ("payment", .paymentInProgress),
    ("refund", .refundInProgress), ("charge", .chargeConflict(charge)),
    ("exceeds-payment", .refundExceedsPayment(left: 5, ofLines: true)),
    ("exceeds-lines", .refundExceedsLines(item: 1, left: 2)), ("refunds", .tooManyRefunds),
]

private let ofSaga: [StepSample] = [
    .step("reject-short", advance(.reject(.insufficientStock(shortages)), at: 300)),
    .step("reject-declined", advance(.reject(.declined(code: "card_declined")))),
    .step("reject-unavailable", advance(.reject(.paymentUnavailable))),
    .step("reject-expired", advance(.reject(.paymentExpired))),
    .step("unknown", advance(.markPaymentUnknown)),
    .step("abandon", advance(.abandonPayment)),
    .step("paid", advance(.confirmPayment(charge))),
    .step("refunded", advance(.confirmRefund(refund, number: 2))),
    .answer(AdvanceOrder.self, "order", OrderAnswer(order: order, isReplay: false)),
    .step("hold", hold(isLookOnly: false)),
    .step("look", hold(isLookOnly: true)),
    .answer(HoldUnits.self, "short", .short(shortages)),
    .answer(HoldUnits.self, "overtaken", .overtaken),
    .step("sku", ExpireReservations(sku: mug)),
]

private let ofKeys: [StepSample] = [
    .step("elsewhere", ClaimSenderKey(key: key, home: Slot(9), lifetime: .seconds(60))),
    .answer(ClaimSenderKey.self, "elsewhere", claim),
    .answer(
        ClaimSenderKey.self, "order",
        IdempotencyKey.Claim(fingerprint: digest(0x22), subject: .order(.sample), expiresAt: .noon)),
    .answer(
        ClaimSenderKey.self, "answer",
        IdempotencyKey.Claim(
            fingerprint: digest(0x22), subject: .answer(status: 200, location: "/a", body: [1]), expiresAt: .noon)),
]

private let webhookID = WebhookID(at: Timestamp(milliseconds: 1_700_000_000_000), slot: .catalogue, random: 0x5151)
private let webhookSecret = WebhookSecret([UInt8](repeating: 0x41, count: WebhookSecret.length))
private let webhookSettings = WebhookEndpoint.Settings(
    url: "https://hooks.example/in", types: ["OrderPlaced"], description: "books", isEnabled: true)

private let webhookDelivery = WebhookDelivery(
    place: EventPlace(index: LogIndex(300), number: 2), name: "OrderPlaced", firstAt: .noon, attempts: 1,
    dueAt: .noon, cause: WebhookCause(rawValue: 503))

private func webhook(_ command: WebhookProgress.Command) -> MoveWebhook {
    MoveWebhook(WebhookProgressID(endpoint: webhookID, source: ShardID(2)), command)
}

private let ofFeed: [StepSample] = [
    .step("orders", FulfilOrders(shard: ShardID(2), orders: [.sample], last: LogIndex(300))),
    .step("published", MarkPublished(shard: ShardID(2), last: LogIndex(300))),
    .step("archive", MoveArchive(shard: ShardID(2), last: LogIndex(300))),
    .step("webhook-begin", webhook(.begin(since: .noon, after: LogIndex(300)))),
    .step(
        "webhook-advance",
        webhook(.advance(since: .noon, to: LogIndex(301), isTaken: true, aside: [webhookDelivery]))),
    .step("webhook-take", webhook(.take(webhookDelivery.place))),
    .step("webhook-postpone", webhook(.postpone(webhookDelivery.place, until: .noon, .address))),
    .step("webhook-fail", webhook(.fail(webhookDelivery.place, .expired))),
    .step("webhook-replay", webhook(.replay([webhookDelivery.place]))),
    .step("webhook-end", webhook(.end)),
    .refusal(MoveWebhook.self, "webhook-ended", .ended),
    .step("endpoint-added", ChangeWebhooks(.add(webhookID, webhookSettings, secret: webhookSecret))),
    .step("endpoint-changed", ChangeWebhooks(.change(webhookID, webhookSettings))),
    .step("endpoint-rotated", ChangeWebhooks(.rotateSecret(webhookID, to: webhookSecret))),
    .step("endpoint-given-up", ChangeWebhooks(.giveUp(webhookID, at: webhookSettings.url, .failing))),
    .step("endpoint-removed", ChangeWebhooks(.remove(webhookID))),
    .step("endpoint", AddWebhook(webhookID, webhookSettings, secret: webhookSecret)),
    .step("endpoint-under-key", AddWebhook(webhookID, webhookSettings, secret: webhookSecret, key: key)),
    .answer(AddWebhook.self, "endpoint", AddedWebhook(id: webhookID, isRepeated: true)),
    .refusal(AddWebhook.self, "too-many", .tooMany),
    .refusal(AddWebhook.self, "key-reused", .keyReused),
    .step("endpoint-secret", RotateWebhookSecret(webhookID, to: webhookSecret)),
    .step("endpoint-secret-under-key", RotateWebhookSecret(webhookID, to: webhookSecret, key: key)),
    .answer(RotateWebhookSecret.self, "endpoint-secret", RotatedWebhookSecret(isRepeated: true)),
    .refusal(RotateWebhookSecret.self, "endpoint-secret-not-found", .notFound),
    .refusal(RotateWebhookSecret.self, "endpoint-secret-key-reused", .keyReused),
    .refusal(ChangeWebhooks.self, "too-many", .tooMany),
    .refusal(ChangeWebhooks.self, "not-found", .notFound),
    .step("release", move(.release)),
    .step("fulfill", move(.fulfill)),
    .step("restock", move(.restock)),
    .step(
        "sales",
        CountSales(
            source: ShardID(2), first: LogIndex(7), last: LogIndex(300),
            changes: [
                Sales.Change(product: ProductID(at: .noon, random: 4 << 40), sold: [units[0]], returned: [units[1]])
            ])),
]

/// As the sixth event left it.
private let order: Versioned<Order> = {
    var state = Order(id: .sample)
    state.apply(
        .placed(
            Placement(
                customer: .sample, lines: [OrderLine(sku: mug, quantity: 2, unitPrice: 250)], currency: .gbp,
                placedBy: .sample, deadline: .noon + .seconds(15)),
            at: .noon))
    var row: [UInt8] = [6, 5]
    state.encodeState(into: &row)
    do { return try Versioned(row: row, id: .sample) } catch { fatalError("\(error)") }
}()

private func open(_ request: OrderRequest, _ quote: Result<Quote, OrderRefusal>) -> OpenOrder {
    OpenOrder(id: .sample, request: request, keyID: request.key, quote: quote, attemptMax: .seconds(15))
}

private func change(_ command: Order.Command) -> ChangeOrder { ChangeOrder(.sample, command, of: nil) }

private func advance(_ command: Order.Command, at version: UInt64? = nil) -> AdvanceOrder {
    AdvanceOrder(id: .sample, command: command, version: version)
}

private func hold(isLookOnly: Bool) -> HoldUnits {
    HoldUnits(
        order: .sample, units: units, shard: ShardID(2), home: ShardID(1), index: LogIndex(300),
        isLookOnly: isLookOnly)
}

private func move(_ movement: StockMovement) -> MoveStock {
    MoveStock(
        source: ShardID(1), target: ShardID(2),
        movements: [.init(index: LogIndex(299), order: .sample, movement: movement, units: units)],
        last: LogIndex(300))
}

private func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }

extension OrderID {
    static let sample = OrderID(at: .noon, slot: Slot(7), random: 2 << 40)
}

extension CustomerID {
    fileprivate static let sample = CustomerID(at: .noon, slot: Slot(7), random: 1 << 40)
}

extension ShippingAddress {
    fileprivate static let sample = ShippingAddress(
        name: "A. Customer", line1: "1 High Street", line2: "Flat 2", city: "York", region: nil, postalCode: "YO1",
        country: "GB")
}

extension ShippingAddress {
    fileprivate static let sampleAbroad = ShippingAddress(
        name: "A. Customer", line1: "1 Bahnhofstrasse", city: "Zürich", region: "ZH", country: "CH")
}

extension OrderRequest {
    /// Placed by staff, with all that a request may say.
    static let sample = OrderRequest(
        customer: .sample, placedBy: CustomerID(at: .noon, slot: Slot(8), random: 9 << 40),
        items: [Item(sku: mug, quantity: 2), Item(sku: tea, quantity: 1, unitPrice: 1_000)], expectedTotal: 1_500,
        shippingAddress: .sample, paymentMethod: "pm_1", key: keyID, fingerprint: digest(0x22), clearsCart: true,
        sender: .staff)
    /// With what a request has to say.
    fileprivate static let sampleOfCustomer = OrderRequest(
        customer: .sample, placedBy: .sample, items: [Item(sku: mug, quantity: 2)], key: keyID,
        fingerprint: digest(0x22))
    fileprivate static let sampleOfGuest = OrderRequest(
        customer: .sample, placedBy: .sample, items: [Item(sku: mug, quantity: 2)], key: keyID,
        fingerprint: digest(0x22), sender: .guest(EmailAddress("ann@example.org")!))
}
