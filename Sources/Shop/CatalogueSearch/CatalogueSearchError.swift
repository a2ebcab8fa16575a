import GRDB

/// Why a search gave no page.
public enum CatalogueSearchError: Error, Equatable {
    /// A page holds 1...`max`.
    case limitOutOfRange(max: Int)
    case tooManyBrands(max: Int)
    /// This is no cursor of ours.
    case cursorMalformed
    /// The cursor continues a search with other words, filters or order.
    case cursorOfAnotherQuery
    /// The time limit passed before there was an answer.
    case tookTooLong
    /// As many searches as may wait are waiting.
    case busy
    case index(CatalogueIndexFailure)
}

/// The index could not do its work.
public struct CatalogueIndexFailure: Error, Equatable {
    public enum Code: String, Sendable {
        /// The file is corrupt: close, `CatalogueIndex.discard(at:)`, open, and apply the logs again.
        case damaged
        /// The path holds a database of something else, which we leave alone.
        case foreign
        /// The disk is full, or failed, or refused access.
        case storage
        /// The task was cancelled, or the index closed.
        case cancelled
        /// SQLite refused a statement of ours.
        case statement
    }
    public var code: Code
    /// SQLite's words.
    public var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: any Error) {
        switch error {
        case let failure as CatalogueIndexFailure: self = failure
        case let error as DatabaseError: self.init(Code(error.resultCode), error.description)
        case let error as RowDecodingError: self.init(.damaged, error.description)
        case is CancellationError: self.init(.cancelled, "cancelled")
        default: self.init(.storage, "\(error)")
        }
    }
}

extension CatalogueIndexFailure.Code {
    init(_ code: ResultCode) {
        switch code.primaryResultCode {
        // Our statements keep every constraint of a sound index, and name no column that it has not.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_RANGE:
            self = .damaged
        case .SQLITE_INTERRUPT, .SQLITE_ABORT, .SQLITE_MISUSE: self = .cancelled
        case .SQLITE_ERROR, .SQLITE_TOOBIG, .SQLITE_SCHEMA: self = .statement
        default: self = .storage
        }
    }
}
