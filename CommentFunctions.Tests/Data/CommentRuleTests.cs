using CommentFunctions.Data;

namespace CommentFunctions.Tests.Data;

public class CommentRuleTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("Ann.Lee@example.org+x_y-z")]
    [InlineData("Žofie")]
    [InlineData("李雷")]
    public void User_names_have_letters_digits_and_some_signs(string name) => Assert.True(UserNames.IsValid(name));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    [InlineData("a\n")]
    [InlineData("\U0001F600")]
    [InlineData("a#")]
    public void User_names_have_nothing_else(string name) => Assert.False(UserNames.IsValid(name));

    [Fact]
    public void User_names_have_at_most_150_characters()
    {
        Assert.True(UserNames.IsValid(new string('x', 150)));
        Assert.False(UserNames.IsValid(new string('x', 151)));
    }

    // Made here, since attributes keep their text as UTF-8, which has no half of a pair.
    [Fact]
    public void Text_has_no_half_of_a_surrogate_pair()
    {
        Assert.False(CommentText.IsValid("a\ud83d"));
        Assert.False(CommentText.IsValid("\ude00a"));
        Assert.False(CommentText.IsValid("\ude00\ud83d"));
        Assert.True(CommentText.IsValid("\ud83d\ude00"));
    }
}
