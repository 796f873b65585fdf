using CommentFunctions.Queues;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>Does what the host does with the messages on the queues.</summary>
public static class BotAtWork
{
    /// <summary>Answers the messages on the queue but the first ones, and delivers each reply; how many messages there were in all.</summary>
    public static async Task<int> ReplyToAllAsync(this TestApp app, int done = 0)
    {
        var messages = app.Sent.To(QueueNames.Messages);
        foreach (var message in messages.Skip(done))
        {
            var before = app.Sent.To(QueueNames.Replies).Count;
            Assert.Null(await app.AnswerAsync(BotMessages.Received(message)));
            foreach (var reply in app.Sent.To(QueueNames.Replies).Skip(before))
            {
                Assert.Null(await app.DeliverAsync(reply));
            }
        }

        return messages.Count;
    }
}
