import Commerce
import EventSourcing
import Testing

@testable import Audit

/// Damages to what no order is made of.
extension DamageTests {
    // MARK: - Webhooks

    static let webhooks = [
        Damage("an endpoint that is added twice", "an endpoint added a second time") {
            for _ in 0..<2 { $0.write(.init(Webhooks.self, WebhooksID(), added(endpoint))) }
        },
        Damage("more endpoints than the limit", "an endpoint added beyond the limit") {
            for number in 0...Webhooks.endpointsMax {
                let id = WebhookID(at: .zero, slot: .catalogue, random: UInt64(number) << 2)
                $0.write(.init(Webhooks.self, WebhooksID(), added(id)))
            }
        },
        Damage("a change of an endpoint that there is not", "an endpoint changed that there is not") {
            $0.write(.init(Webhooks.self, WebhooksID(), .removed(endpoint)))
        },
        Damage("an endpoint that is told and has not begun", "goes on and has not begun") {
            $0.write(.init(WebhookProgress.self, progress, .advanced(to: LogIndex(1), takenAt: nil, aside: [])))
        },
        Damage("an endpoint that is told what it was told", "goes back from 5 to 5") {
            $0.write(
                .init(
                    WebhookProgress.self, progress, .began(since: $0.time, after: LogIndex(5)),
                    .advanced(to: LogIndex(5), takenAt: nil, aside: [])))
        },
        Damage("an endpoint that begins twice", "begun a second time") {
            let begun = WebhookProgress.Event.began(since: ShopLog.noon, after: .zero)
            $0.write(.init(WebhookProgress.self, progress, begun, begun))
        },
        Damage("an event that is sent again unasked", "sent again that was not set aside") {
            $0.write(
                .init(
                    WebhookProgress.self, progress, .began(since: $0.time, after: .zero),
                    .taken(EventPlace(index: LogIndex(1), number: 1), at: $0.time)))
        },
        Damage("an event that is replayed and has not failed", "replayed that has not failed") {
            let place = EventPlace(index: LogIndex(1), number: 1)
            $0.write(
                .init(
                    WebhookProgress.self, progress, .began(since: $0.time, after: .zero),
                    .replayed([place], at: $0.time)))
        },
        Damage("an end without a beginning", "ended and had not begun") {
            $0.write(.init(WebhookProgress.self, progress, .ended))
        },
    ]

    private static let endpoint = WebhookID(at: .zero, slot: .catalogue, random: 4)
    private static let progress = WebhookProgressID(endpoint: endpoint, source: ShardID(0))

    private static func added(_ id: WebhookID) -> Webhooks.Event {
        let settings = WebhookEndpoint.Settings(
            url: "https://hooks.example", types: [], description: "", isEnabled: true)
        return .added(id, settings, secret: WebhookSecret([1]), at: .zero)
    }

    // MARK: - The catalogue

    static let catalogue = [
        Damage("a SKU that was not claimed", "has \(Sample.near), which it has not claimed") {
            $0.write(.init(Product.self, Sample.product, .created(Sample.details(Sample.near), at: $0.time)))
        },
        Damage("a SKU of two products", "has \(Sample.near), which is \(Sample.product)'s") {
            $0.create()
            $0.write(.init(Product.self, Sample.otherProduct, .created(Sample.details(Sample.near), at: $0.time)))
        },
        Damage("a claim that takes another's SKU", "claimed by \(Sample.otherProduct), and it is \(Sample.product)'s") {
            $0.create()
            $0.write(.init(SKUClaim.self, CatalogueSKU(Sample.near), .claimed(Sample.otherProduct)))
        },
        Damage("a claim without the variant", "has claimed \(Sample.far) and has it not") {
            $0.create()
            $0.write(.init(SKUClaim.self, CatalogueSKU(Sample.far), .claimed(Sample.product)))
        },
        Damage("a SKU that is given up and kept", "gave \(Sample.near) up and still has it") {
            $0.create()
            $0.write(.init(SKUClaim.self, CatalogueSKU(Sample.near), .released(Sample.product)))
        },
        Damage("a product that is created twice", "created twice") {
            $0.create()
            $0.write(.init(Product.self, Sample.product, .created(Sample.details(Sample.near), at: $0.time)))
        },
        Damage("a change before the creation", "changed before it was created") {
            $0.write(.init(Product.self, Sample.product, .activated(at: $0.time)))
        },
        Damage("a price of a SKU that it has not", "priced \(Sample.far), which it has not") {
            $0.create()
            let price = Money(amount: 1, currency: .gbp)
            $0.write(.init(Product.self, Sample.product, .priced(Sample.far, price, at: $0.time)))
        },
    ]

    // MARK: - Accounts and sessions

    static let accounts = [
        Damage("an account without its address", "logs in with \(Sample.email), which it has not claimed") {
            $0.write(.init(Account.self, Sample.customer, .registered(Sample.registration, at: $0.time)))
        },
        Damage("an address without its account", "which logs in with none") {
            $0.write(.init(EmailClaim.self, Sample.email, .claimed(Sample.customer)))
        },
        Damage("two accounts of one address", "logs in with \(Sample.email), which it has not claimed") {
            $0.register()
            let other = CustomerID(at: .zero, slot: Slot(4), random: 12)
            $0.write(.init(Account.self, other, .registered(Sample.registration, at: $0.time)))
        },
        Damage("an account that is registered twice", "registered twice") {
            $0.register()
            $0.write(.init(Account.self, Sample.customer, .registered(Sample.registration, at: $0.time)))
        },
        Damage("a change before the registration", "changed before it was registered") {
            $0.write(.init(Account.self, Sample.customer, .renamed(firstName: "A", lastName: "C")))
        },
        Damage("a session of no account", "is of \(Sample.customer), which was never registered") {
            $0.write(.init(Session.self, Sample.session, .opened(Sample.opening, at: $0.time)))
        },
        Damage("a token that is traded after the end", "rotated after it had ended: logged_out") {
            $0.register()
            $0.write(
                .init(
                    Session.self, Sample.session, .opened(Sample.opening, at: $0.time),
                    .ended(.loggedOut, at: $0.time)))
            $0.write(.init(Session.self, Sample.session, .rotated(Sample.digest(3), by: nil, at: $0.time)))
        },
        Damage("a token that is traded after its life", "rotated after it had expired") {
            $0.register()
            $0.write(.init(Session.self, Sample.session, .opened(Sample.opening, at: $0.time)))
            $0.time = $0.time + .seconds(3_600)
            $0.write(.init(Session.self, Sample.session, .rotated(Sample.digest(3), by: nil, at: $0.time)))
        },
        Damage("a session that ends twice", "ended a second time") {
            $0.register()
            $0.write(
                .init(
                    Session.self, Sample.session, .opened(Sample.opening, at: $0.time),
                    .ended(.loggedOut, at: $0.time), .ended(.revoked, at: $0.time)))
        },
        Damage("a session that ends before it was opened", "ended before it was opened") {
            $0.write(.init(Session.self, Sample.session, .ended(.loggedOut, at: $0.time)))
        },
        Damage("an answer that is repeated before there was one", "repeated before it was rotated") {
            $0.register()
            $0.write(
                .init(Session.self, Sample.session, .opened(Sample.opening, at: $0.time), .repeated(at: $0.time)))
        },
        Damage("an answer that is repeated twice", "repeated a second time") {
            $0.register()
            $0.write(
                .init(
                    Session.self, Sample.session, .opened(Sample.opening, at: $0.time),
                    .rotated(Sample.digest(3), by: Sample.digest(4), at: $0.time), .repeated(at: $0.time),
                    .repeated(at: $0.time)))
        },
        Damage("a session that outlives the end of all", "\(Sample.customer) has ended all sessions since") {
            $0.register()
            $0.write(.init(Session.self, Sample.session, .opened(Sample.opening, at: $0.time)))
            $0.write(
                .init(Account.self, Sample.customer, .sessionsEnded(.passwordChanged, except: nil, at: $0.time)))
            $0.write(.init(Session.self, Sample.session, .rotated(Sample.digest(3), by: nil, at: $0.time)))
        },
        Damage("a session that is opened in an epoch that is over", "\(Sample.customer) has ended all sessions since") {
            $0.register()
            $0.write(.init(Account.self, Sample.customer, .sessionsEnded(.revoked, except: nil, at: $0.time)))
            $0.write(.init(Session.self, Sample.session, .opened(Sample.opening, at: $0.time)))
        },
        Damage("more wrong passwords than the limit", "a wrong password is counted beyond the limit") {
            $0.register()
            for _ in 0...LogIns.failuresMax {
                $0.write(.init(LogIns.self, Sample.customer, .failed(Sample.origin, at: $0.time)))
            }
        },
        Damage("a log-in past the limit", "a password is taken beyond the limit") {
            $0.register()
            for _ in 0..<LogIns.failuresMax {
                $0.write(.init(LogIns.self, Sample.customer, .failed(Sample.origin, at: $0.time)))
            }
            $0.write(.init(LogIns.self, Sample.customer, .succeeded(Sample.origin, at: $0.time)))
        },
        Damage("wrong passwords that are cleared and were none", "cleared, and nothing counted") {
            $0.register()
            $0.write(.init(LogIns.self, Sample.customer, .cleared(at: $0.time)))
        },
        Damage("log-ins of no account", "log-ins of \(Sample.customer), which was never registered") {
            $0.write(.init(LogIns.self, Sample.customer, .failed(Sample.origin, at: $0.time)))
        },
    ]

    // MARK: - Everything else

    static let others = [
        Damage("something taken out of a cart that was not in", "taken out, and it was not in") {
            $0.write(.init(Cart.self, Sample.customer, .itemRemoved(Sample.near)))
        },
        Damage("none of something in a cart", "none of \(Sample.near) put in") {
            $0.write(.init(Cart.self, Sample.customer, .itemSet(Sample.near, 0)))
        },
        Damage("a paid order that is left in the cart", "1 of \(Sample.near) are left in the cart, not 0") {
            $0.write(.init(Cart.self, Sample.customer, .itemSet(Sample.near, 1)))
            $0.place(1, [(Sample.near, 1)], clearsCart: true)
            $0.pay(1)
        },
        Damage("a consumer that goes back", "goes back from 2 to 1") {
            $0.write($0.position(LogIndex(2), on: 0))
            $0.write($0.position(LogIndex(1), on: 0))
        },
        Damage("a consumer beyond the log that it reads", "is at 9, and the log ends at 2") {
            $0.write($0.position(LogIndex(9), on: 0))
        },
        Damage("a consumer of a shard that is none", "there is no such shard") {
            let id = ConsumerPositionID(consumer: .inventory, source: ShardID(7), slot: Slot(0))
            $0.write(.init(ConsumerPosition.self, id, .advanced(to: LogIndex(1))))
        },
        Damage("a key of tokens that is published as it stands", "published as it stood already") {
            $0.publishKey()
            $0.publishKey()
        },
        Damage("an event that is missing", "jumps from version 1 to 3") {
            $0.write(.init(Stock.self, Sample.near, after: 2, .received(1, reference: nil)))
        },
        Damage("an event that happens again", "comes to version 1 a second time") {
            $0.write(.init(Stock.self, Sample.near, after: 0, .received(1, reference: nil)))
        },
        Damage("an order's event that is missing", "jumps from version 1 to 3") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Order.self, id, after: 2, .paid(Sample.charge, at: $0.time)))
        },
        Damage("an order's event that happens again", "comes to version 1 a second time") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Order.self, id, after: 0, .paid(Sample.charge, at: $0.time)))
        },
        Damage("an aggregate on a shard that is not its own", "lives on shard 0") {
            $0.write(on: 1, .init(Cart.self, Sample.customer, .itemSet(Sample.near, 1)))
        },
        Damage("stock on a shard that is not its own", "lives on shard 1") {
            $0.write(.init(Stock.self, SKU("\(Sample.far)")!, .received(1, reference: nil)))
        },
        Damage("time that runs backwards", "it is older than the one before it") {
            $0.time = $0.time + .seconds(-60)
            $0.write(.init(Stock.self, Sample.near, .received(1, reference: nil)))
        },
        Damage("a kind that is none", "an unknown kind of aggregate, 200") {
            $0.write(on: 0, bytes: [1, 1, 200, 1, 0, 0, 1, 1, 0])
        },
        Damage("bytes that are none of a record", "malformed bytes") { $0.write(on: 0, bytes: [9, 9]) },
    ]
}

extension ShopLog {
    fileprivate mutating func create() {
        write(
            .init(Product.self, Sample.product, .created(Sample.details(Sample.near), at: time)),
            .init(SKUClaim.self, CatalogueSKU(Sample.near), .claimed(Sample.product)))
    }

    fileprivate mutating func publishKey() {
        let publication = VerificationKey.Publication(by: 1, .eddsa, [UInt8](repeating: 1, count: 32))!
        let id = VerificationKeyID(Digest256([UInt8](repeating: 2, count: 32))!)
        write(.init(VerificationKey.self, id, .published(publication, endsAt: nil, at: time)))
    }

    fileprivate mutating func register() {
        write(
            .init(EmailClaim.self, Sample.email, .claimed(Sample.customer)),
            .init(Account.self, Sample.customer, .registered(Sample.registration, at: time)))
    }
}
