using System.Net.Http.Headers;

namespace CommentFunctions.Channels.WhatsApp;

/// <summary>Puts the access token onto a call as the last thing before it leaves.</summary>
internal sealed class WhatsAppAccess(WhatsAppOptions options) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.AccessToken);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.Headers.Authorization = null;
        }
    }
}
