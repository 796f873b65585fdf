using CommentFunctions.Data;
using CommentFunctions.Expiry;
using CommentFunctions.Tests.Infra;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CommentFunctions.Tests.Hosts;

public class InfraSettingsTests
{
    [Fact]
    public void The_app_takes_the_settings_that_infra_gives_it() => AssertTaken("Postgres");

    internal static void AssertTaken(string store)
    {
        // A deployment knows the addresses; here any will do.
        var settings = SettingRules.Given(Infrastructure.Real, store).ToDictionary(
            s => s.Key.Replace("__", ":", StringComparison.Ordinal),
            s => $"{s.Value}" is var text && text.StartsWith('<') ? (string?)"https://somewhere.example/" : text);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddStores();
        builder.AddData();
        builder.AddExpiry();
        using var services = builder.Services.BuildServiceProvider();

        Assert.Equal(store, services.GetRequiredService<IOptions<CommentOptions>>().Value.Store);
        Assert.Equal(TimeSpan.FromDays(1), services.GetRequiredService<Retention>().Age);
        Assert.NotNull(services.GetRequiredService<ExpirySchedule>());
    }
}
