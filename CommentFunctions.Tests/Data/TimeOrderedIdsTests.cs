using CommentFunctions.Data;
using CommentFunctions.Tests.Support;

namespace CommentFunctions.Tests.Data;

public class TimeOrderedIdsTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void Ids_are_version_7_of_the_clocks_millisecond()
    {
        var id = new TimeOrderedIds(clock).Next();

        Assert.Equal((7, 0x8), (id.Version, id.Variant & 0xC));
        Assert.Equal(clock.Now.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("N")[..12], 16));
    }

    [Fact]
    public void Ids_of_one_millisecond_rise_also_when_there_are_more_than_its_counter_holds()
    {
        var ids = new TimeOrderedIds(clock);

        AssertRising([.. Enumerable.Range(0, 10_000).Select(_ => ids.Next())]);
    }

    [Fact]
    public void Ids_rise_when_the_clock_is_set_back()
    {
        var ids = new TimeOrderedIds(clock);
        var before = ids.Next();

        clock.Advance(TimeSpan.FromHours(-1));

        AssertRising([before, ids.Next()]);
    }

    [Fact]
    public async Task Ids_made_at_once_differ()
    {
        var ids = new TimeOrderedIds(TimeProvider.System);

        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 5_000).Select(_ => ids.Next()).ToList())));

        Assert.Equal(20_000, made.SelectMany(m => m).Distinct().Count());
        Assert.All(made, AssertRising);
    }

    // The order of their text is the order in which SQLite compares them.
    private static void AssertRising(IReadOnlyList<Guid> ids)
    {
        var texts = ids.Select(id => id.ToString()).ToList();
        Assert.Equal(texts.Order(StringComparer.Ordinal), texts);
        Assert.Equal(ids.Order(), ids);
    }
}
