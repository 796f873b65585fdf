using CommentFunctions.Bot;
using CommentFunctions.Queues;

namespace CommentFunctions.Tests.Simulation;

/// <summary>What has to be right at the end of a life.</summary>
internal sealed class SimCheck(SimWorld world)
{
    private SimFacts Facts => world.Facts;

    public void Check(bool isQuiet)
    {
        Require(isQuiet, "The queues are not empty: " + string.Join(", ", world.Queues.All.Where(m => m.DeadLetter is null).Select(m => m.Id)));
        CheckReplies();
        CheckRuns();
        foreach (var (id, at) in Facts.Stored)
        {
            Require(
                at.AddDays(1) <= world.Clock.Now || world.Scalar($"SELECT count(*) FROM \"Comments\" WHERE \"Id\" = '{id.ToString().ToUpperInvariant()}'") == 1,
                $"Comment {id} was stored and is gone.");
        }
    }

    private void CheckReplies()
    {
        foreach (var (messageId, isTaken) in Facts.Accepted)
        {
            var replyId = BotReply.IdFor(messageId);
            var sends = Facts.Sends.GetValueOrDefault(replyId)?.Count ?? 0;
            if (!isTaken)
            {
                Require(sends == 0, $"{replyId} was sent although it is refused.");
                Require(world.Queues.DeadLetters.Any(m => m.Received().OriginalId() == replyId && m.DeadLetter == "ChannelRefused"), $"{replyId} is refused and not dead-lettered.");
                continue;
            }

            Require(sends >= 1, $"{messageId} has no reply.");
            Require(sends <= 1 + Facts.Unknown.GetValueOrDefault(replyId), $"{messageId} has {sends} replies, and {Facts.Unknown.GetValueOrDefault(replyId)} sends that nobody knew of.");
            Require(world.IsRecorded(replyId), $"{replyId} was sent and is not recorded.");
        }

        foreach (var letter in world.Queues.DeadLetters)
        {
            Require(letter.DeadLetter == "ChannelRefused", $"{letter.Id} is dead-lettered: {letter.DeadLetter}.");
        }
    }

    private void CheckRuns()
    {
        using var command = world.Connection.CreateCommand();
        command.CommandText = """SELECT "Id", "Deleted", "Outcome" FROM "ExpiryRuns" WHERE NOT "DryRun" """;
        using var runs = command.ExecuteReader();
        while (runs.Read())
        {
            var (id, recorded, outcome) = (Guid.Parse(runs.GetString(0)), runs.GetInt64(1), runs.GetString(2));
            var deleted = Facts.Deleted.GetValueOrDefault(id);
            Require(recorded == deleted, $"Run {id} ({outcome}) recorded {recorded} deleted comments of {deleted}.");
            Require(outcome != "Running", $"Run {id} is recorded as running.");
        }

        Require(
            world.Scalar($"SELECT count(*) FROM \"Comments\" WHERE \"CreatedAt\" <= {world.Clock.Now.AddDays(-1).AddMinutes(-6).ToUnixTimeMilliseconds()}") == 0,
            "Expired comments are left after the last run.");
    }

    private void Require(bool holds, string wrong)
    {
        if (!holds)
        {
            Facts.Wrong.Add(wrong);
        }
    }
}
