import Commerce
import EventSourcing

extension Account: RetailAggregate {
    public enum PublicName: String, CaseIterable, Sendable {
        case registered = "AccountRegistered"
        case passwordChanged = "AccountPasswordChanged"
        case roleGranted = "AccountRoleGranted"
        case renamed = "AccountRenamed"
        /// All sessions of an account, but one that it may name.
        case sessionsEnded = "AccountSessionsEnded"
        /// Its holder has ended it; nothing says any more who that was.
        case erased = "AccountErased"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .registered: .registered
        case .passwordChanged: .passwordChanged
        case .roleGranted: .roleGranted
        case .renamed: .renamed
        case .sessionsEnded: .sessionsEnded
        case .erased: .erased
        }
    }

    /// Who the holder is, is for the account to say, which can be erased; what the feed has told is out of reach.
    public static func describe(_ event: Event, of id: CustomerID, state: Account?, in fields: inout EventFields) {
        fields.append("id", id)
        switch event {
        case .registered(let registration, _): fields.append("role", registration.role.rawValue)
        case .passwordChanged, .renamed, .erased: break
        case .roleGranted(let role): fields.append("role", role.rawValue)
        case .sessionsEnded(let reason, let kept, _):
            fields.append("reason", reason.rawValue)
            if let kept { fields.append("except", kept) }
        }
    }
}

extension LogIns: RetailAggregate {
    public static var label: String { "log-in" }

    public enum PublicName: String, CaseIterable, Sendable {
        /// A wrong password.
        case failed = "LogInFailed"
        /// An administrator has let everybody guess anew.
        case failuresCleared = "LogInFailuresCleared"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .failed: .failed
        case .cleared: .failuresCleared
        case .succeeded, .erased: nil
        }
    }

    public static func innerName(of event: Event) -> String? {
        switch event {
        case .failed, .cleared: nil
        case .succeeded: "LogInSucceeded"
        case .erased: "LogInsErased"
        }
    }

    public static func describe(_ event: Event, of id: CustomerID, state: LogIns?, in fields: inout EventFields) {
        fields.append("id", id)
    }
}

extension Session: RetailAggregate {
    public enum PublicName: String, CaseIterable, Sendable {
        case opened = "SessionOpened"
        case ended = "SessionEnded"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .opened: .opened
        case .ended: .ended
        case .rotated, .repeated: nil
        }
    }

    public static func innerName(of event: Event) -> String? {
        switch event {
        case .opened, .ended: nil
        case .rotated: "SessionRotated"
        case .repeated: "SessionRotationRepeated"
        }
    }

    public static func describe(_ event: Event, of id: SessionID, state: Session?, in fields: inout EventFields) {
        fields.append("id", id)
        switch event {
        case .opened(let opening, _):
            fields.append("customer_id", opening.customer)
            fields.append("expires_at", opening.expiresAt)
        case .ended(let reason, _): fields.append("reason", reason.rawValue)
        case .rotated, .repeated: break
        }
    }
}
