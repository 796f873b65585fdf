using CommentFunctions.Tests.Support;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Data.Cosmos;

public class MissingStoreTests
{
    [Fact]
    public async Task It_stops_the_start_and_the_message_says_what_it_needs()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAsync(new() { ["Comments:Store"] = "Cosmos" }));

        Assert.Contains("FunctionsHost=azure", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }
}
