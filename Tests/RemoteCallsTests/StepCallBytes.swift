import ActorSystem
import EventSourcing
import Synchronization

@testable import RemoteCalls

/// The bytes that a shard hands to its route for a step.
enum StepCallBytes {
    static func of(_ step: some ShardStep) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += [UInt8(type(of: step).number.rawValue >> 8), UInt8(type(of: step).number.rawValue & 255), 0]
        step.encode(into: &bytes)
        return bytes
    }
}

extension ShardCall {
    var bytesOnWire: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}
