/// What one thing does when one operation follows another: what a history of clients at work together is held to.
protocol SequentialModel: Sendable {
    associatedtype State: Hashable, Sendable
    associatedtype Operation: Sendable
    associatedtype Outcome: Sendable

    var initial: State { get }

    /// The state behind `operation`, done in `state`.
    ///
    /// - Parameter outcome: what the client was told; nil when it was told nothing.
    /// - Returns: nil when no thing in `state` tells that.
    func state(after operation: Operation, told outcome: Outcome?, in state: State) -> State?
}

/// One operation of a client, from its first request to the answer, with the same key however often it was sent.
struct ClientOperation<Model: SequentialModel>: Sendable {
    let client: Int
    let operation: Model.Operation
    /// Nil for what was never answered: it may have been done at any time since `begin`, or not at all.
    let outcome: Model.Outcome?
    /// Nanoseconds of one monotonic clock.
    let begin: UInt64
    /// Behind `begin`; without an outcome it means nothing.
    let end: UInt64
}

/// The number of units of one SKU that can be sold.
struct StockModel: SequentialModel {
    enum Operation: Hashable, Sendable {
        case order(units: Int)
        case receive(units: Int)
        case read
    }

    enum Outcome: Hashable, Sendable {
        case done
        case tooFew
        case available(Int)
    }

    let initial: Int

    func state(after operation: Operation, told outcome: Outcome?, in available: Int) -> Int? {
        switch (operation, outcome) {
        case (.order(let units), .done): available >= units ? available - units : nil
        case (.order(let units), .tooFew): available < units ? available : nil
        case (.order(let units), nil): available >= units ? available - units : available
        case (.receive(let units), .done), (.receive(let units), nil): available + units
        case (.read, .available(let seen)): seen == available ? available : nil
        case (.read, nil): available
        default: nil
        }
    }
}

/// A value that is written and read as a whole, such as a product's title.
struct RegisterModel: SequentialModel {
    enum Operation: Hashable, Sendable {
        case write(String)
        case read
    }

    enum Outcome: Hashable, Sendable {
        case written
        case value(String)
    }

    let initial: String

    func state(after operation: Operation, told outcome: Outcome?, in value: String) -> String? {
        switch (operation, outcome) {
        case (.write(let new), .written), (.write(let new), nil): new
        case (.read, .value(let seen)): seen == value ? value : nil
        case (.read, nil): value
        default: nil
        }
    }
}
