using CommentFunctions.Channels;

namespace CommentFunctions.Tests.Channels;

public class OutgoingTextTests
{
    [Theory]
    [InlineData("12345", 5, "12345")]
    [InlineData("123456", 5, "1234…")]
    [InlineData("12👩‍👩‍👧3456", 5, "12…")]
    [InlineData("123😀56", 5, "123…")]
    [InlineData("abce\u0301f", 5, "abc…")]
    [InlineData("👩‍👩‍👧👩‍👩‍👧", 5, "…")]
    public void A_text_is_cut_between_characters(string text, int most, string cut) => Assert.Equal(cut, OutgoingText.Cut(text, most));
}
