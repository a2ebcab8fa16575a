import Checkout
import Testing

@Suite("The schedule of attempts") struct WebhookScheduleTests {
    @Test("goes on for more than a day, spread around the standard's pauses")
    func pauses() throws {
        let schedule = WebhookSchedule.standard
        var generator = SystemRandomNumberGenerator()
        #expect(schedule.pauses.reduce(.zero, +) > .seconds(24 * 3_600))
        for (place, pause) in schedule.pauses.enumerated() {
            let drawn = try #require(schedule.pause(after: place + 1, using: &generator))
            #expect(pause * 0.5 <= drawn && drawn <= pause * 1.5)
        }
        #expect(schedule.pause(after: schedule.pauses.count + 1, using: &generator) == nil)
        #expect(WebhookSchedule(pauses: []).pause(after: 1, using: &generator) == nil)
    }
}
