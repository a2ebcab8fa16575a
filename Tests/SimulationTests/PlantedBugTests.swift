import Consensus
import EventSourcing
import Foundation
import Testing

@testable import Simulation

/// A checker is believed once it has seen a bug. `tools/simulate --planted-bugs` hunts all of them; these are noticed
/// soon.
@Suite("Planted bugs")
struct PlantedBugTests {
    private static let seedsMax = 100
    private static let quick: [PlantedBug] =
        disksAndPayments + core.map { PlantedBug($0) } + shop.map { PlantedBug($0) }
    private static let disksAndPayments: [PlantedBug] = [
        .acknowledgeBeforeFlush, .flushFailureIgnored, .snapshotWithoutKeys, .chargeKeyPerAttempt, .refundKeyPerAttempt,
        .refundNotSent, .unknownPaymentIsDeclined, .unknownPaymentIsPaid, .absentChargeIsDeclined, .termNotFenced,
        .replyCutShort, .entryTermLost,
    ]
    private static let core: [Consensus.Mistake] = [
        .skipNoOp, .countOldTerms, .learnerInQuorum, .voteForShorterLog, .voteTwice, .staleTail, .truncateAlways,
    ]
    private static let shop: [EventSourcing.Mistake] = [
        .declineWithoutRelease, .cancelWithoutRelease, .orderWithoutKey, .cartClearedUnpaid, .noDedupeAfterFailover,
        .effectWithoutPosition, .forgottenStands, .chargeBeforeReserve, .expiryByLocalClock, .applyTwice,
        .answerBeforeCommit, .refusalBeforeCommit, .cedeKeepsRunningState, .compactPastCheckpoint, .voidNotFenced,
        .flushCoversCollected, .replacementPassedOver, .localReadUnsettled, .readWithoutBarrier,
        .dutyOutlivesLeadership,
        .answerFieldLost, .shortagesLost, .refusalFreesKey, .versionNotAwaited, .silentMemberReadsAll,
    ]

    @Test("are noticed", arguments: quick)
    func noticed(bug: PlantedBug) throws {
        let (status, output) = try simulate("--planted-bugs", "--bug", bug.rawValue, "--seeds", "1..\(Self.seedsMax)")
        #expect(status == 0, "\(output)")
    }

    @Test("have one name each")
    func names() {
        #expect(Set(PlantedBug.allCases).count == PlantedBug.allCases.count)
        #expect(PlantedBug.allCases.count >= 25)
        #expect(PlantedBug(rawValue: "no such bug") == nil)
    }
}

/// Processes differ in the order of whatever hashes: what rested on it would differ too.
@Suite("Other processes")
struct ProcessTests {
    @Test("run the same seeds the same way")
    func fingerprints() throws {
        func fingerprints() throws -> [Substring] {
            let (status, output) = try simulate("--seeds", "1..10", "--fingerprints")
            #expect(status == 0)
            return output.split(separator: "\n").filter { $0.hasPrefix("seed ") }
        }
        let first = try fingerprints()
        #expect(first.count == 10)
        #expect(try fingerprints() == first)
    }

    @Test("say how to run a failure again")
    func rerun() throws {
        let (status, output) = try simulate("--bug", "orderWithoutKey", "--seed", "1")
        #expect(status == 1)
        #expect(output.contains("rerun: cloudretail-simulate --seed 1 --bug orderWithoutKey --faults none"))
    }
}

/// Runs `cloudretail-simulate`, as built beside the tests.
private func simulate(_ arguments: String...) throws -> (status: Int32, output: String) {
    let folders = [Bundle.main.bundleURL] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
    let program = folders.map { $0.appending(path: "cloudretail-simulate") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    let process = Process()
    process.executableURL = try #require(program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
}
