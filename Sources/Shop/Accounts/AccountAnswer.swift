import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// An account after a change.
public struct AccountAnswer: WireCodable {
    public let account: Versioned<Account>
}

/// What an access token says of its holder: no older than the session that it is made for.
public struct TokenHolder: WireCodable, Hashable {
    public let customer: CustomerID
    public let role: Role
    /// The number of the account's session epoch.
    public let epoch: UInt64

    /// Nil for an account that is not registered.
    public init?(_ account: Account) {
        guard let role = account.role else { return nil }
        self.init(customer: account.id, role: role, epoch: account.sessions.number)
    }

    init(customer: CustomerID, role: Role, epoch: UInt64) {
        self.customer = customer
        self.role = role
        self.epoch = epoch
    }
}

// MARK: - Bytes

extension AccountAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(account.state.id)
            writer.write(account.encoded())
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let id = try fields.identifier(CustomerID.self)
            return AccountAnswer(account: try Versioned(row: try fields.blob(), id: id))
        }
    }
}

extension TokenHolder {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(self) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in try fields.tokenHolder() }
    }
}

extension RecordWriter {
    mutating func write(_ holder: TokenHolder) {
        write(holder.customer)
        write(holder.role)
        writeVarint(holder.epoch)
    }

    mutating func write(_ origin: LogInOrigin) {
        write(origin.address)
        write(origin.device)
    }
}

extension FieldReader {
    mutating func tokenHolder() throws(MalformedBytes) -> TokenHolder {
        TokenHolder(customer: try identifier(CustomerID.self), role: try role(), epoch: try varint())
    }

    mutating func logInOrigin() throws(MalformedBytes) -> LogInOrigin {
        LogInOrigin(address: try digest(), device: try digest())
    }

    mutating func passwordHash() throws(MalformedBytes) -> PasswordHash {
        PasswordHash(try string(bytesMax: Account.passwordHashBytesMax))
    }
}
