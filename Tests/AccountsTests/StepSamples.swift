import ActorSystem
import Commerce
import EventSourcing
import Schema
import StepTesting
import Steps

@testable import Accounts

extension StepSample {
    static let all = ofRegistrations + ofSessions + ofLogIns + ofChanges + ofKeys + ofErasures + refusals

    private static let ofRegistrations: [StepSample] = [
        .step("register", RegisterAccount(customer, registration, from: origin, key: key)),
        .step("administrator", RegisterAccount(customer, registration)),
        .answer(RegisterAccount.self, "registered", .registered(registered, isRepeated: false)),
        .answer(RegisterAccount.self, "repeated", .registered(registered, isRepeated: true)),
        .answer(RegisterAccount.self, "document", .document(Array("{}".utf8), location: "/a/1")),
    ]
    private static let ofSessions: [StepSample] = [
        .step(
            "open",
            OpenSession(session, of: customer, verified: hash, token: token, from: origin, userAgent: "curl")),
        .answer(OpenSession.self, "opened", holder),
        .step(
            "rotate",
            RotateSession(
                session, presented: token, replacements: [digest(0x44), digest(0x55)], client: digest(0x66))),
        .answer(RotateSession.self, "rotated", .rotated(replacement: 1, holder)),
        .answer(RotateSession.self, "reused", .reused),
        .step("log-out", EndSession(session, of: customer, .loggedOut)),
        .step("revoke", EndSession(session, of: customer, .revoked)),
        .answer(EndSession.self, "done", Done()),
    ]
    private static let ofLogIns: [StepSample] = [
        .step("fail", RecordLogInFailure(of: customer, from: origin)),
        .answer(RecordLogInFailure.self, "done", Done()),
        .step("clear", ClearLogInFailures(of: customer)),
        .answer(ClearLogInFailures.self, "done", Done()),
    ]
    private static let ofChanges: [StepSample] = [
        .step(
            "change",
            ChangePassword(
                of: customer, from: hash, to: PasswordHash("$scrypt$2"), keeping: session, at: origin)),
        .answer(ChangePassword.self, "changed", AccountAnswer(account: account)),
        .step("grant", GrantRole(.staff, to: customer, if: Preconditions(ifMatch: "\"7\"", ifNoneMatch: "\"8\""))),
        .answer(GrantRole.self, "granted", AccountAnswer(account: account)),
    ]

    private static let ofKeys: [StepSample] = [
        .step("publish", PublishVerificationKey(verificationKey, publication)),
        .step("replace", PublishVerificationKey(verificationKey, publication, endsAt: .noon)),
        .answer(PublishVerificationKey.self, "done", Done()),
    ]

    private static let ofErasures: [StepSample] = [
        .step("orders", EraseOrders([order, OrderID(at: .noon, slot: customer.slot, random: 9 << 40)], of: customer)),
        .answer(EraseOrders.self, "done", Done()),
        .step("account", EraseAccount(customer, verified: hash)),
        .answer(EraseAccount.self, "done", Done()),
    ]

    private static let registered = RegisteredAccount(
        id: customer, email: registration.email, firstName: "Ann", lastName: "Lee", role: .customer,
        registeredAt: .noon)
    private static let holder = TokenHolder(customer: customer, role: .admin, epoch: 300)
    private static let account: Versioned<Account> = {
        var account = Account(id: customer)
        account.apply(.registered(registration, at: .noon))
        guard let account = try? Versioned.sample(account, of: customer, version: 1, index: 300) else {
            fatalError("an account is read")
        }
        return account
    }()

    private static func refusal(_ name: String, _ refusal: AccountRefusal) -> StepSample {
        .refusal(RegisterAccount.self, name, refusal)
    }

    private static let refusals: [StepSample] = [
        refusal("key-reused", .keyReused),
        refusal("email-taken", .emailTaken),
        refusal("password-changed", .passwordChanged),
        refusal("blocked", .blocked),
        refusal("session-ended", .sessionEnded),
        refusal("if-match", .condition(ConditionFailure(condition: .ifMatch, current: EntityTag(version: 8)))),
        refusal("not-registered", .account(.notRegistered)),
        refusal("already-registered", .account(.alreadyRegistered)),
        refusal("first-name", .account(.invalidFirstName)),
        refusal("last-name", .account(.invalidLastName)),
        refusal("password-hash", .account(.invalidPasswordHash)),
        refusal("administrator", .account(.isAdministrator)),
        refusal("order-under-way", .orderUnderWay(order)),
        refusal("not-opened", .session(.notOpened)),
        refusal("already-opened", .session(.alreadyOpened)),
        refusal("has-ended", .session(.hasEnded(.reuseDetected))),
        refusal("has-expired", .session(.hasExpired)),
        refusal("token-not-of-family", .session(.tokenNotOfFamily)),
        refusal("user-agent", .session(.userAgentTooLong)),
        refusal("expiry-passed", .session(.expiryPassed)),
    ]
}

let hash = PasswordHash("$scrypt$1")
let registration = Account.Registration(
    email: EmailAddress("ann@example.org")!, firstName: "Ann", lastName: "Lee", passwordHash: hash)
let customer = CustomerID(at: .noon, slot: registration.email.slot, random: 1 << 40)
let order = OrderID(at: .noon, slot: customer.slot, random: 3 << 40)
let session = SessionID(at: .noon, slot: customer.slot, random: 2 << 40)
let token = RefreshTokenDigest(family: digest(0x22), rotation: digest(0x33))
let origin = LogInOrigin(address: digest(0x77), device: digest(0x88))
let key = StepKey(id: IdempotencyKeyID(slot: customer.slot, digest: digest(0x11)), fingerprint: digest(0x22))
let verificationKey = VerificationKeyID(digest(0x99))
let publication = VerificationKey.Publication(by: 300, .eddsa, [UInt8](repeating: 0xaa, count: 32))!

func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }
