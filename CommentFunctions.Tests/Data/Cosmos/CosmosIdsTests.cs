using CommentFunctions.Data.Cosmos;

namespace CommentFunctions.Tests.Data.Cosmos;

public class CosmosIdsTests
{
    [Theory]
    [InlineData("telegram:123", "telegram:123")]
    [InlineData("whatsapp:wamid.AB/C+D==", "whatsapp:wamid.AB~2FC+D==")]
    [InlineData("a\\b?c#d%e~f\tg", "a~5Cb~3Fc~23d~25e~7Ef~09g")]
    [InlineData("~2F", "~7E2F")]
    [InlineData("größer 😀", "größer 😀")]
    public void An_id_has_no_character_by_which_an_item_is_not_found_and_comes_back_as_it_was(string id, string stored)
    {
        Assert.Equal(stored, CosmosIds.Escape(id));
        Assert.Equal(id, CosmosIds.Unescape(stored));
    }
}
