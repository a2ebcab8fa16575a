import EventSourcing
import Foundation
import Testing

/// The archive of a shop on this machine, and the commands about it.
struct LocalArchive: Sendable {
    /// Other positions that are restored.
    static let positions = KillHunt.setting("ARCHIVE_POSITIONS") ?? 4
    /// Of load before all nodes are lost.
    static let secondsOfLoad = KillHunt.setting("DISASTER_SECONDS") ?? 3

    let folder: URL
    let urls: [String]
    let tokenFile: String
    var path: String { folder.appending(path: "archive").path }

    func arguments(_ flags: [String]) -> [String] {
        ["archive"] + urls.flatMap { ["--url", $0] } + ["--token-file", tokenFile, "--to", path] + flags
    }

    /// Brings it up to date; the position that it has then.
    @discardableResult
    func catchUp(_ flags: String..., expecting status: Int32 = 0) async throws -> LogPosition? {
        let said = try await ChildProcess.run(
            "cloudretail", arguments(["--once"] + flags), in: folder, expecting: status)
        guard status == 0 else { return nil }
        let prefix = "archived up to "
        return said.split(separator: "\n").last { $0.hasPrefix(prefix) }
            .flatMap { LogPosition(String($0.dropFirst(prefix.count))) }
    }

    /// Follows the shop while `body` runs, and until everything is archived.
    ///
    /// - Returns: the position that it has then.
    @discardableResult
    func following(
        _ flags: [String] = [], _ body: () async throws -> Void
    ) async throws -> LogPosition {
        try await follow(flags, body)
        return try #require(try await catchUp())
    }

    /// Follows the shop while `body` runs. SIGTERM ends it, as success.
    func follow(_ flags: [String] = [], _ body: () async throws -> Void) async throws {
        let archiver = try ChildProcess("cloudretail", arguments(flags), in: folder)
        try await body()
        archiver.terminate()
        let status = try await archiver.exit()
        let complained = try archiver.complained
        #expect(status == 0, "\(complained)")
    }

    /// Waits until its files are what is waited for.
    func wait(until isThere: ([String]) -> Bool) async throws {
        while !isThere((try? files().filter { $0.hasSuffix(".snapshot") }) ?? []) {
            try await Task.sleep(for: ChildProcess.pollPause)
        }
    }

    /// Restores it and says where the logs end.
    ///
    /// - Parameter from: nil for this archive.
    @discardableResult
    func restore(
        to base: String, until: String? = nil, from: String? = nil, nodes: Int = 1, flags: [String] = [],
        expecting status: Int32 = 0
    ) async throws -> LogPosition? {
        let said = try await ChildProcess.run(
            "cloudretail",
            ["restore", "--from", from ?? path, "--base-dir", base, "--nodes", "\(nodes)", "--payment", "in-process"]
                + (until.map { ["--until", $0] } ?? []) + flags, in: folder, expecting: status)
        guard status == 0 else {
            for left in [base, base + ".restoring"] {
                #expect(!FileManager.default.fileExists(atPath: left))
            }
            return nil
        }
        let line = said.split(separator: "\n").first { $0.hasPrefix("position") }
        return line.flatMap { LogPosition(String($0.dropFirst("position".count)).trimmingCharacters(in: .whitespaces)) }
    }

    /// The first position that it can be restored to: that of its oldest base.
    func first() async throws -> LogPosition {
        struct Base: Decodable { let position: String }
        let base = try #require(try files("base").first)
        let said = try await ChildProcess.run(
            "cloudretail", ["snapshot", "inspect", "\(path)/\(base)", "--json"], in: folder)
        return try #require(LogPosition(try JSONDecoder().decode(Base.self, from: Data(said.utf8)).position))
    }

    /// What a restore says that is refused.
    func refusal(of until: String, to base: String) async throws -> String {
        let command = try ChildProcess(
            "cloudretail", ["restore", "--from", path, "--base-dir", base, "--until", until], in: folder)
        #expect(try await command.exit() == 1)
        return try command.complained
    }

    /// What its files are called, in the order of their names.
    func files(_ prefix: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(prefix) }.sorted()
    }
}
