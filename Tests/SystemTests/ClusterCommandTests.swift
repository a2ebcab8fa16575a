import Foundation
import Testing

extension SystemTests {
    @Suite("The commands of a cluster on this machine", .timeLimit(patience)) struct ClusterCommandTests {
        @Test("do to a node what they say, and return when it is so")
        func commands() async throws {
            try await LocalCluster.with(nodes: 1) { cluster in
                let first = try await cluster.order(key: "first")
                try #require(first.status == 201, "\(first)")

                try await cluster.command("pause", 1)
                #expect(try await Self.state(cluster) == "T")
                try await cluster.cluster("up", "--detach", expecting: 1)
                #expect(try await Self.state(cluster) == "T")
                try await cluster.command("resume", 1)
                #expect(try await Self.state(cluster) != "T")

                try await cluster.command("kill", 1)
                #expect(try await Self.state(cluster) == nil)
                try await cluster.cluster("kill", "1", expecting: 1)
                try await cluster.cluster("kill", "7", expecting: 1)
                try await cluster.cluster("kill", "one", expecting: 64)

                try await cluster.command("restart", 1)
                let again = try await cluster.order(key: "first")
                #expect(again.text == first.text)
                try await cluster.settle()
                #expect(try JSON(try await cluster.cluster("compare", "--json"))["equal"] == .boolean(true))
                try await cluster.command("stop", 1)
                #expect(try JSON(try await cluster.cluster("compare", "--json"))["equal"] == .boolean(true))
                #expect(try await cluster.verify(1)["ok"] == .boolean(true))
                try FileManager.default.removeItem(atPath: cluster.node(1).dataDirectory)
                try await cluster.cluster("compare", "--json", expecting: 1)
            }
        }

        @Test("start again what is down, on the ports it had, and leave alone what runs")
        func upAgain() async throws {
            try await LocalCluster.with(nodes: 1) { cluster in
                let running = try JSON(try await cluster.cluster("up", "--detach", "--json"))
                try await cluster.command("kill", 1)
                let again = try JSON(try await cluster.cluster("up", "--detach", "--json"))
                #expect(again["nodes"].elements[0]["http"] == running["nodes"].elements[0]["http"])
                #expect(again["nodes"].elements[0]["pid"] != running["nodes"].elements[0]["pid"])
                #expect(again["payments"] == running["payments"])
                for (flag, value) in [
                    ("--nodes", "2"), ("--shards", "65"), ("--shards", "3"), ("--payment", "in-process"),
                    ("--admin-email", "another@example.com"), ("--storefront", cluster.base + "/nothing"),
                ] {
                    try await cluster.cluster("up", flag, value, "--detach", expecting: 64)
                }
                try await ChildProcess.run(
                    "cloudretail", ["cluster", "up", "--base-dir", ""], in: cluster.folder, expecting: 64)
                // A password that no node takes is refused before anything is written.
                let (password, base) = (cluster.folder.appending(path: "short"), cluster.base + "/another")
                try Data("short\n".utf8).write(to: password)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: password.path)
                try await ChildProcess.run(
                    "cloudretail",
                    ["cluster", "up", "--base-dir", base, "--admin-password-file", password.path, "--detach"],
                    in: cluster.folder, expecting: 64)
                #expect(!FileManager.default.fileExists(atPath: base))
                // A node says by the same status that it will never begin with such settings.
                try await ChildProcess.run(
                    "cloudretail", ["serve", "--http", "nowhere"], in: cluster.folder, expecting: 64)
                try await cluster.cluster("down")
                #expect(try await Self.state(cluster) == nil)
            }
        }

        @Test("keep a cluster until they are ended, and end it then")
        func foreground() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "cluster-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let up = try ChildProcess(
                "cloudretail",
                [
                    "cluster", "up", "--nodes", "1", "--payment", "in-process", "--base-dir", folder.path, "--json",
                ], in: folder)
            let report = try JSON("{" + (try await up.line(after: "{")))
            #expect(report["payments"] == .null)
            let pid = try #require(report["nodes"].elements[0]["pid"].integer)
            #expect(Self.state(ofProcess: pid) != nil)
            up.terminate()
            #expect(try await up.exit() == 0)
            #expect(Self.state(ofProcess: pid) == nil)
        }

        @Test("end what they started when a node does not start, and leave of a new cluster what was there before")
        func broken() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "cluster-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(
                at: folder.appending(path: "shop/node-1"), withIntermediateDirectories: true)
            let base = folder.appending(path: "shop").path
            try Data("not a directory".utf8).write(to: URL(filePath: base + "/node-1/data"))
            let up = try ChildProcess(
                "cloudretail", ["cluster", "up", "--nodes", "1", "--base-dir", base, "--detach"], in: folder)
            #expect(try await up.exit() == 1)
            #expect(try up.complained.contains("Node 1 has ended"))
            #expect(try FileManager.default.subpathsOfDirectory(atPath: base).sorted() == ["node-1", "node-1/data"])
            try Self.expectNoProcess(of: base)
        }

        private static func expectNoProcess(of base: String) throws {
            for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
                let line = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
                #expect(!line.contains(base), "\(line)")
            }
        }

        @Test("say of ports that others have or that cannot be changed what to do, and take nobody's node for theirs")
        func ports() async throws {
            try await LocalCluster.with(nodes: 1, payment: "in-process") { cluster in
                let port = try #require(Int(cluster.node(1).url.split(separator: ":").last ?? ""))
                let another = cluster.folder.appending(path: "another").path
                let up = ["cluster", "up", "--payment", "in-process", "--base-dir", another, "--detach"]
                // The second node's port is taken.
                try await ChildProcess.run(
                    "cloudretail", up + ["--nodes", "2", "--http-base", "\(port - 1)"], in: cluster.folder,
                    expecting: 1)
                #expect(!FileManager.default.fileExists(atPath: another))

                // One that runs keeps its ports.
                try await cluster.cluster("up", "--http-base", "\(port)", "--detach")
                let moved = try ChildProcess(
                    "cloudretail",
                    ["cluster", "up", "--base-dir", cluster.base, "--http-base", "\(port + 1)", "--detach"],
                    in: cluster.folder)
                #expect(try await moved.exit() == 64)
                let said = try moved.complained
                #expect(said.contains("Node 1 runs, on port \(port)") && !said.contains("--help"), "\(said)")
                #expect(said.split(separator: "\n").count == 1)

                try await cluster.cluster("down")
                try await ChildProcess.run(
                    "cloudretail", up + ["--nodes", "1", "--http-base", "\(port)"], in: cluster.folder)
                let status = try await cluster.cluster("status", expecting: 1)
                #expect(status.contains("another program answers on its port"), "\(status)")
                try await ChildProcess.run(
                    "cloudretail", ["cluster", "down", "--base-dir", another], in: cluster.folder)
            }
        }

        @Test("start a node that needs others, and say at once which and how to start them")
        func majorityDown() async throws {
            try await LocalCluster.with(payment: "in-process") { cluster in
                for node in [1, 2] { try await cluster.command("kill", node) }
                try await cluster.command("pause", 3)
                let restart = try ChildProcess(
                    "cloudretail", ["cluster", "restart", "1", "--base-dir", cluster.base], in: cluster.folder)
                #expect(try await restart.exit() == 1)
                let said = try restart.complained
                for words in ["Node 1 is started", "node 3 is paused, node 2 is down", "cluster resume 3 --base-dir"] {
                    #expect(said.contains(words), "\(said)")
                }
                #expect(try await cluster.isRunning(1))
                let addition = try ChildProcess(
                    "cloudretail", ["cluster", "add-node", "--base-dir", cluster.base], in: cluster.folder)
                #expect(try await addition.exit() == 1)
                let names = try FileManager.default.contentsOfDirectory(atPath: cluster.base)
                #expect(!names.contains { $0.hasPrefix("node-4") }, "\(names)")
                try await cluster.command("resume", 3)
                try await cluster.cluster("up", "--detach")
                // The nodes know the fourth by the disk that is gone.
                try await cluster.cluster("add-node")
                #expect(FileManager.default.fileExists(atPath: cluster.base + "/node-5"))
            }
        }

        @Test("keep a majority that is ready when the rest does not start, and say why and what brings it back")
        func minorityBroken() async throws {
            try await LocalCluster.with(payment: "in-process") { cluster in
                try await cluster.cluster("down")
                let data = cluster.node(2).dataDirectory
                try FileManager.default.moveItem(atPath: data, toPath: data + "-away")
                try Data("not a directory".utf8).write(to: URL(filePath: data))
                let up = try ChildProcess(
                    "cloudretail", ["cluster", "up", "--base-dir", cluster.base, "--detach"], in: cluster.folder)
                #expect(try await up.exit() == 1)
                let said = try up.complained
                #expect(said.split(separator: "\n").count == 1, "\(said)")
                for words in [
                    "Node 2 has ended: reading \(data) failed", "cluster restart 2 --base-dir \(cluster.base)",
                    "cluster replace-node 2",
                ] { #expect(said.contains(words), "\(said)") }
                for node in [1, 3] { #expect(try await cluster.isRunning(node)) }
                try await cluster.logIn(at: 1)
                #expect(try await cluster.order(key: "without-2").status == 201)

                try FileManager.default.removeItem(atPath: data)
                try FileManager.default.moveItem(atPath: data + "-away", toPath: data)
                try await cluster.command("restart", 2)

                // Without a majority what was started is ended.
                try await cluster.cluster("down")
                for node in [1, 2] {
                    let data = cluster.node(node).dataDirectory
                    try FileManager.default.moveItem(atPath: data, toPath: data + "-away")
                    try Data("not a directory".utf8).write(to: URL(filePath: data))
                }
                try await cluster.cluster("up", "--detach", expecting: 1)
                try Self.expectNoProcess(of: cluster.base)
            }
        }

        @Test("leave a node alone that they cannot write the configuration of: on a full disk it runs on")
        func restartWithoutRoom() async throws {
            try await LocalCluster.with(nodes: 1, payment: "in-process") { cluster in
                let pid = try cluster.pid(of: 1)
                let program = try ChildProcess.binaries().appending(path: "cloudretail").path
                // No file may grow: writes are refused as on a full disk.
                let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\""
                let restart = try ChildProcess(
                    "/bin/bash", ["-c", script, "bash", program, "cluster", "restart", "1", "--base-dir", cluster.base],
                    in: cluster.folder)
                #expect(try await restart.exit() == 1)
                #expect(try cluster.pid(of: 1) == pid)
                #expect(try await Self.state(cluster) != nil)
                #expect(try await cluster.order(key: "still").status == 201)
            }
        }

        @Test("say at once that a node which was to come has ended, and why")
        func newNodeEnds() async throws {
            try await LocalCluster.with(payment: "in-process") { cluster in
                let addition = try ChildProcess(
                    "cloudretail", ["cluster", "add-node", "--base-dir", cluster.base], in: cluster.folder,
                    environment: ["CLOUDRETAIL_LOG_RETENTION": "nonsense"])
                #expect(try await addition.exit() == 1)
                let said = try addition.complained
                #expect(said.contains("Node 4 has ended") && said.contains("log-retention"), "\(said)")
            }
        }

        /// The letter by which the kernel tells the state of the first node's process; nil when there is none.
        private static func state(_ cluster: LocalCluster) async throws -> Character? {
            state(ofProcess: Int64(try cluster.pid(of: 1)))
        }

        private static func state(ofProcess pid: Int64) -> Character? {
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
            let state = text[text.index(after: text.lastIndex(of: ")")!)...].first { $0 != " " }
            return state == "Z" ? nil : state
        }
    }
}
