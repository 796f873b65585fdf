using CommentFunctions.Hosts;
using Microsoft.Extensions.Configuration;

namespace CommentFunctions.Tests.Hosts;

public class ServiceBusConnectionTests
{
    [Fact]
    public void A_connection_string_opens_the_namespace() => Assert.Equal(
        "name.servicebus.windows.net",
        Open(("ServiceBus", "Endpoint=sb://name.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=AAAA")));

    [Theory]
    [InlineData(null, null)]
    [InlineData("managedidentity", null)]
    [InlineData("managedidentity", "3950cbd1-0000-0000-0000-000000000000")]
    public void An_identity_opens_the_namespace(string? credential, string? clientId) => Assert.Equal(
        "name.servicebus.windows.net",
        Open(
            ("ServiceBus:fullyQualifiedNamespace", "name.servicebus.windows.net"),
            ("ServiceBus:credential", credential),
            ("ServiceBus:clientId", clientId)));

    [Fact]
    public void Without_either_it_says_what_to_set()
    {
        var problem = Assert.Throws<InvalidOperationException>(() => Open());

        Assert.Contains("ServiceBus__fullyQualifiedNamespace", problem.Message, StringComparison.Ordinal);
    }

    private static string Open(params (string Name, string? Value)[] settings) => ServiceBusConnection.Open(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value)).Build()).FullyQualifiedNamespace;
}
