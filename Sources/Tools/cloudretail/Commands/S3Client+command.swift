import CloudAdapters
import Foundation

extension S3Client {
    /// Opens a client for the length of `body`, with the settings of the process's environment.
    static func with<Answer>(_ body: (S3Client) async throws -> Answer) async throws -> Answer {
        let settings = try CloudSettings(.s3, environment: ProcessInfo.processInfo.environment)
        let s3 = S3Client(settings, clock: Engine.now)
        do {
            let answer = try await body(s3)
            await s3.shutdown()
            return answer
        } catch {
            await s3.shutdown()
            throw error
        }
    }
}
