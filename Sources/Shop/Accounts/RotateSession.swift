import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Trades a refresh token for another of its family.
public struct RotateSession: ShardStep {
    public let session: SessionID
    public let presented: RefreshTokenDigest
    /// The rotation secrets that may take the presented one's place, made with one key each, the newest first; 1 to
    /// `replacementsMax`. An older key may have made the replacement that a client asks for again.
    public let replacements: [Digest256]
    /// The client, as a session knows it.
    public let client: Digest256

    /// A ring has the key of today and those before it whose tokens are still good, with room to spare.
    public static let replacementsMax = 64

    public init(
        _ session: SessionID, presented: RefreshTokenDigest, replacements: [Digest256], client: Digest256
    ) {
        self.session = session
        self.presented = presented
        self.replacements = replacements
        self.client = client
    }

    public static var number: StepNumber { StepNumber(rawValue: 11) }
    public var slot: Slot { session.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> Rotation {
        let present = batch.read(Session.self, session).state
        guard let customer = present.customer else { throw .session(.notOpened) }
        let account = batch.read(Account.self, customer).state
        guard let holder = TokenHolder(account), account.admits(present) else { throw .sessionEnded }
        let place = replacements.firstIndex { $0 == present.rotation } ?? 0
        let events: [Session.Event]
        do throws(Session.Refusal) {
            events = try batch.decide(
                Session.self, session,
                .rotate(presented: presented, replacement: replacements[place], client: client))
        } catch { throw .session(error) }
        if case .ended = events.last { return .reused }
        return .rotated(replacement: place, holder)
    }
}

/// What a refresh token was traded for.
public enum Rotation: WireCodable, Hashable {
    /// The place of the replacement among those that the step named, and the account as it found it.
    case rotated(replacement: Int, TokenHolder)
    /// The token had been used before: another client has it, or had it, and the session has ended.
    case reused
}

// MARK: - Bytes

extension RotateSession {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(session)
            writer.write(presented.family)
            writer.write(presented.rotation)
            writer.writeArray(replacements) { $0.write($1) }
            writer.write(client)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let session = try fields.identifier(SessionID.self)
            let presented = RefreshTokenDigest(family: try fields.digest(), rotation: try fields.digest())
            let replacements = try fields.array(bytesMin: Digest256.byteCount, countMax: Self.replacementsMax) {
                f throws(MalformedBytes) in
                try f.digest()
            }
            guard !replacements.isEmpty else { throw fields.malformed("no replacement of a token") }
            return RotateSession(
                session, presented: presented, replacements: replacements, client: try fields.digest())
        }
    }
}

extension Rotation {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .rotated(let place, let holder):
                writer.append(1)
                writer.writeCount(place)
                writer.write(holder)
            case .reused: writer.append(2)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1:
                let place = try fields.varint()
                guard place < UInt64(RotateSession.replacementsMax) else { throw fields.malformed("no such place") }
                return .rotated(replacement: Int(place), try fields.tokenHolder())
            case 2: return .reused
            default: throw fields.malformed("no such answer to a rotation")
            }
        }
    }
}
