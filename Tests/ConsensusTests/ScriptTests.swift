import Foundation
import Testing

@testable import Consensus

/// Scripts with expected output, etcd-io/raft's and our own.
@Suite("Scripts")
struct ScriptTests {
    /// What etcd-io/raft has and this core leaves out on purpose: the option, and why.
    static let refused = [
        "read-only=lease-based": "a lease rests on clocks that run at the same rate; no safety property here rests on a clock"
    ]

    @Test("What etcd-io/raft does, this core does", arguments: ScriptFolder.traces)
    func trace(path: String) throws { try check(path) }

    @Test("Our own scripts have the output that they ask for", arguments: ScriptFolder.own)
    func own(path: String) throws { try check(path) }

    private func check(_ path: String) throws {
        let script = try Script(path: path)
        var runner = Self.runner(of: script)
        var outputs: [String] = []
        for step in script.steps {
            do {
                let output = try runner.run(step)
                outputs.append(output)
                let isInteraction = runner is InteractionScriptRunner
                if Self.normalised(output, isInteraction) != Self.normalised(step.expected, isInteraction), !Self.rewrites {
                    Issue.record("\(script.name):\(step.line): \(step.command)\n\(step.expected)\n---- but was\n\(output)")
                    return
                }
            } catch let refusal as ScriptRefusal {
                #expect(Self.refused[refusal.description] != nil, "\(script.name):\(step.line): \(refusal)")
                return
            }
        }
        if Self.rewrites { try script.replacing(outputs).write(toFile: path, atomically: true, encoding: .utf8) }
    }

    /// Set to write what comes out into the scripts, to be read and judged before it is committed.
    private static let rewrites = ProcessInfo.processInfo.environment["SCRIPTS_REWRITE"] != nil

    private static func runner(of script: Script) -> any ScriptRunner {
        switch script.steps.first?.command {
        case "committed", "vote": QuorumScriptRunner()
        case "simple", "enter-joint", "leave-joint": MembershipScriptRunner()
        default: InteractionScriptRunner()
        }
    }

    /// Our core does not log, so an interaction is compared without etcd's log lines.
    private static func normalised(_ output: String, _ isInteraction: Bool) -> [Substring] {
        var lines = output.split(separator: "\n")
        guard isInteraction else { return lines }
        lines.removeAll { line in
            ["INFO ", "DEBUG ", "WARN "].contains { line.drop { $0 == " " }.hasPrefix($0) }
        }
        return lines.isEmpty ? ["ok"] : lines
    }
}
