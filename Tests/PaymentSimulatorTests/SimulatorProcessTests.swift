import Foundation
import Testing

@testable import payment_simulator

@Suite("Simulator process")
struct SimulatorProcessTests {
    private static let charge = #"{"order_id":"ord_1","amount":100,"currency":"GBP","payment_method":"pm_card"}"#

    @Test("killed and restarted again and again, it has every charge that it answered for, once")
    func survivesKill() async throws {
        try await withLedgerPath { path async throws in
            var answered: [String: String] = [:]
            for round in 0..<5 {
                let process = try SimulatorProcess(ledger: path)
                let api = try await process.listening()
                for (key, id) in answered {
                    #expect(try await api.get("/v1/charges?idempotency_key=\(key)")["id"] == id)
                }
                let told = await withTaskGroup(of: (String, String)?.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            let key = "k\(round)-\(number)"
                            let body = Self.charge.replacingOccurrences(of: "ord_1", with: key)
                            // Those cut off by the kill were never answered.
                            guard let id = try? await api.post("/v1/charges", key: key, body)["id"] else { return nil }
                            return (key, id)
                        }
                    }
                    var told: [(String, String)] = []
                    for await case let answer? in group {
                        told.append(answer)
                        if told.count == 20 { process.kill() }
                    }
                    return told
                }
                #expect(told.count >= 20)
                answered.merge(told) { first, _ in first }
                _ = await process.exit()
            }
            let keeper = try LedgerKeeper(path: path)
            #expect(keeper.summary.charges >= answered.count)
            #expect(keeper.summary.ordersChargedMoreThanOnce == 0)
        }
    }

    @Test("stops on a signal with status 0, a request that hangs notwithstanding", arguments: [SIGTERM, SIGINT])
    func stops(_ signal: Int32) async throws {
        let process = try SimulatorProcess(ledger: nil)
        let api = try await process.listening()
        _ = try await api.put("/faults", #"{"hang":true}"#)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await api.post("/v1/charges", key: "k", Self.charge) }
            while (try? await api.get("/v1/ledger/summary").text.contains(#""charges":1,"#)) != true {}
            process.signal(signal)
        }
        #expect(await process.exit() == 0)
    }

    @Test("a line cut short is dropped, the lines before it count")
    func tornTail() async throws {
        try await withLedgerPath { path async throws in
            let parameters = ChargeParameters(orderID: "ord_1", amount: 100, currency: "GBP", paymentMethod: "pm_card")
            do {
                let keeper = try LedgerKeeper(path: path)
                for key in ["a", "b"] {
                    _ = try await keeper.perform { ledger throws(Refusal) in
                        try ledger.charge(parameters, key: key, id: "ch_\(key)", at: "now") { false }
                    }
                }
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            let firstLine = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
            for length in [0, 1, firstLine - 1, firstLine, firstLine + 1, whole.count - 1, whole.count] {
                try whole[..<length].write(to: URL(fileURLWithPath: path))
                let keeper = try LedgerKeeper(path: path)
                #expect(keeper.summary.charges == whole[..<length].count { $0 == UInt8(ascii: "\n") })
                let (kept, _) = (try Data(contentsOf: URL(fileURLWithPath: path)), keeper)
                #expect(kept.last ?? UInt8(ascii: "\n") == UInt8(ascii: "\n"))
            }
        }
    }

    @Test("a line that is no event is an error with its number, and so is a second opener")
    func refusesFiles() async throws {
        try await withLedgerPath { path async throws in
            try Data("{\"voided\":{\"key\":\"a\"}}\nnonsense\n".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: LedgerFile.Failure.malformed(path: path, line: 2)) { try LedgerKeeper(path: path) }
            try Data().write(to: URL(fileURLWithPath: path))
            let first = try LedgerKeeper(path: path)
            #expect(throws: LedgerFile.Failure.openElsewhere(path: path)) { try LedgerKeeper(path: path) }
            #expect(first.summary == Summary())
            #expect(throws: LedgerFile.Failure.cannotOpen(path: "/", errno: EISDIR)) { try LedgerKeeper(path: "/") }
        }
    }

    private func withLedgerPath(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }
}

/// The executable, as built beside the tests. It waits on no thread of the tests' pool.
private final class SimulatorProcess: Sendable {
    struct NoAddress: Error { let said: String }

    private let process = Process()
    private let exits: AsyncStream<Int32>
    /// What it prints. A file: libdispatch crashes now and then on the pipe of a child that was killed.
    private let output = FileManager.default.temporaryDirectory.appending(path: "simulator-\(UUID().uuidString)")

    init(ledger: String?) throws {
        let (exits, exited) = AsyncStream<Int32>.makeStream()
        self.exits = exits
        try Data().write(to: output)
        process.executableURL = try Self.executable()
        process.arguments = ["--http", "127.0.0.1:0"] + (ledger.map { ["--ledger", $0] } ?? [])
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.terminationHandler = { process in
            exited.yield(process.terminationStatus)
            exited.finish()
        }
        try process.run()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: output)
    }

    /// Waits for the line that tells the port.
    func listening() async throws -> SimulatorAPI {
        var line = ""
        while !line.hasSuffix("\n"), process.isRunning {
            try await Task.sleep(for: .milliseconds(5))
            line = try String(contentsOf: output, encoding: .utf8)
        }
        guard let address = line.split(whereSeparator: \.isWhitespace).last, line.hasPrefix("listening on 127.0.0.1:")
        else {
            throw NoAddress(said: line)
        }
        return SimulatorAPI(url: "http://\(address)")
    }

    func kill() { signal(SIGKILL) }

    func signal(_ number: Int32) {
        guard process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, number)
    }

    /// The status with which it ended.
    func exit() async -> Int32? {
        for await status in exits { return status }
        return nil
    }

    private static func executable() throws -> URL {
        let folders = [Bundle.main.bundleURL] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let candidates = folders.map { $0.appending(path: "payment-simulator") }
        return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
    }
}
