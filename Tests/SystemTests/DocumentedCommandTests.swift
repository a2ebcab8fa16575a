import Foundation
import Testing

extension SystemTests {
    /// What the README tells people to type, typed.
    @Suite("The commands of the README", .timeLimit(patience)) struct DocumentedCommandTests {
        private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        private static let administrator = ".cloudretail/admin-password"
        /// Without the port's last digit.
        private static let gateways = "http://127.0.0.1:808"

        /// Each fenced block of the README of this language: what is typed is `sh`, and what is seen then `text`.
        private static func blocks(of language: String = "sh") throws -> [String] {
            let text = try String(contentsOf: project.appending(path: "README.md"), encoding: .utf8)
            return text.components(separatedBy: "```\(language)\n").dropFirst().map { part in
                part.components(separatedBy: "```")[0].trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }

        /// The lines of `text` without what differs from one time to the next: ids and moments everywhere; of what
        /// tells of the nodes, numbers and blanks too.
        private static func lines(of text: String) -> Set<String> {
            Set(
                text.split(whereSeparator: \.isNewline).map { line in
                    let line = String(line).replacing(/_[0-9A-Za-z]{16,}/, with: "_#")
                        .replacing(/\d{4}-\d\d-\d\dT[\d:.]+Z/, with: "#")
                    let isAnswer = line.hasPrefix("{") || line.contains(": /") || line.hasPrefix("HTTP/")
                    return isAnswer ? line : line.replacing(/[\d.]*\d/, with: "#").replacing(/\ +/, with: " ")
                })
        }

        @Test("start a shop that takes the order they show, go on from there, and stop")
        func theReadmeWorks() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "readme-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            // This test is run by tools/test; the others are typed below.
            let typed = try Self.blocks().filter { $0 != "tools/test" && $0 != "tools/run" }
            #expect(try Self.blocks().count == typed.count + 2)
            // One after the other in one shell: the second uses what the first has learnt.
            let all = typed.joined(separator: "\n")
            try await running(folder) { port, _ in
                let said = try await type(all, at: port, in: folder)
                // One that is under way when its node dies may be told as accepted: 202.
                #expect(said.components(separatedBy: "order: HTTP/1.1 20").count == 1 + 8, "\(said)")
                #expect(said.contains("HTTP/1.1 201 Created"), "\(said)")
                for line in [
                    "of 5 nodes in restored", "products differ.", "archived up to", "of 1 node in moment",
                ] {
                    #expect(said.contains(line), "\(line): \(said)")
                }
                let shown = try Self.lines(of: Self.blocks(of: "text").joined(separator: "\n"))
                #expect(shown.count > 10)
                #expect(shown.subtracting(Self.lines(of: said)) == [], "\(said)")
            }
            try await running(folder) { port, greeting in
                let second = try ChildProcess(
                    Self.project.appending(path: "tools/run").path,
                    [
                        "--data-dir", folder.appending(path: ".cloudretail").path, "--binaries",
                        try ChildProcess.binaries().path,
                    ], in: folder)
                #expect(try await second.exit() == 1)
                #expect(try second.complained.contains("Another tools/run has the shop"))
                let again = try await type(try #require(typed.first), at: port, in: folder)
                #expect(again.lowercased().contains("idempotent-replayed: true"), "\(again)")
                let shown = try #require(greeting.components(separatedBy: "Place an order:").last)
                    .components(separatedBy: "\n").filter { $0.hasPrefix("TOKEN=") || $0.hasPrefix("curl ") }
                let said = try await type(shown.joined(separator: "\n"), at: port, in: folder)
                #expect(said.contains("HTTP/1.1 201"), "\(said)")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: folder.appending(path: Self.administrator).path)
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }

        @Test(
            "that take programs from a folder say at once that they are not there",
            arguments: [
                "bench-snapshot", "chaos", "disaster", "event-hunt", "failover", "fuzz-api", "kill-hunt", "overload",
                "rejoin", "restore", "run", "snapshot", "upgrade",
            ])
        func noPrograms(tool: String) async throws {
            let folder = FileManager.default.temporaryDirectory
            let run = try ChildProcess(
                Self.project.appending(path: "tools/\(tool)").path, ["--binaries", "/nowhere"], in: folder)
            #expect(try await run.exit() == 64)
            #expect(try run.complained.hasPrefix("There is no program /nowhere/cloudretail: "))
        }

        /// `tools/run` with the programs built beside the tests, on free ports; ended as Ctrl-C ends it.
        private func running(
            _ folder: URL, _ body: (_ port: Int, _ greeting: String) async throws -> Void
        ) async throws {
            // The second digit from the end is free for the nodes.
            let port = Int.random(in: LocalShop.quietPorts) / 10 * 10
            let run = try ChildProcess(
                Self.project.appending(path: "tools/run").path,
                [
                    "--data-dir", folder.appending(path: ".cloudretail").path, "--http-base", "\(port)",
                    "--binaries", try ChildProcess.binaries().path,
                ],
                in: folder)
            do {
                _ = try await run.line(after: "Ctrl-C stops everything")
                try await body(port, try run.said)
            } catch {
                // Killed, it would leave what it started behind.
                run.terminate()
                _ = try await run.exit()
                throw error
            }
            run.terminate()
            #expect(try await run.exit() == 0)
        }

        private func type(_ commands: String, at port: Int, in folder: URL) async throws -> String {
            let script = """
                cd '\(folder.path)'
                PATH='\(try ChildProcess.binaries().path)':$PATH
                \(commands.replacing(Self.gateways, with: "http://127.0.0.1:\(port / 10)"))
                """
            return try await ChildProcess.run("/bin/bash", ["-euc", script], in: folder)
        }
    }
}
