using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests;

/// <summary>Somebody with a browser's cookies, and with a token for the REST API.</summary>
internal sealed partial class LavaClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);
    private readonly HttpClient _http;

    // Without cookies: the API would want a browser's proof beside the token.
    private readonly HttpClient _api;

    private LavaClient(string address, CookieContainer cookies)
    {
        Cookies = cookies;
        _http = new HttpClient(new HttpClientHandler { CookieContainer = cookies, UseProxy = false }) { BaseAddress = new Uri(address) };
        _api = new HttpClient(new HttpClientHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri(address) };
    }

    public CookieContainer Cookies { get; }

    public string Token { get; private set; } = "";

    /// <summary>A client whom nobody knows.</summary>
    public static LavaClient Stranger(string address) => new(address, new CookieContainer());

    /// <summary>Logs in as a browser does: by the form of the login page and its hidden field.</summary>
    public static async Task<LavaClient> LogInAsync(string address, string user, string password)
    {
        LavaClient client = Stranger(address);
        Assert.Contains($">{user}", await client.SubmitLoginAsync(user, password), "the page after the login does not name the user");
        JsonNode answer = await client.SendAsync(HttpMethod.Post, "token/", new JsonObject { ["username"] = user, ["password"] = password });
        client.Token = (string)answer["token"]!;
        client._api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", client.Token);
        return client;
    }

    /// <summary>Fills the login form in; the page that comes.</summary>
    public async Task<string> SubmitLoginAsync(string user, string password)
    {
        string page = await _http.GetStringAsync("accounts/login/");
        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["csrfmiddlewaretoken"] = HiddenField().Match(page).Groups[1].Value,
            ["username"] = user,
            ["password"] = password,
        });
        using HttpResponseMessage answer = await _http.PostAsync("accounts/login/", form);
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<(HttpStatusCode Status, string Type, byte[] Body)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "", await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Asks the REST API; it must succeed.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using HttpRequestMessage request = new(method, $"api/v0.2/{path}");
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _api.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.IsTrue(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Calls a method of the XML-RPC API that takes nothing and answers with text.</summary>
    public async Task<string> CallAsync(string method)
    {
        using StringContent call = new($"<?xml version='1.0'?><methodCall><methodName>{method}</methodName></methodCall>", Encoding.UTF8, "text/xml");
        using HttpResponseMessage answer = await _http.PostAsync("RPC2/", call);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Looks again and again until it is so.</summary>
    public async Task<JsonNode> WaitAsync(string path, Func<JsonNode, bool> isSo)
    {
        DateTime end = DateTime.UtcNow + Limit;
        while (true)
        {
            JsonNode answer = await SendAsync(HttpMethod.Get, path);
            if (isSo(answer))
            {
                return answer;
            }

            Assert.IsTrue(DateTime.UtcNow < end, $"{path} after {Limit}: {answer.ToJsonString(new JsonSerializerOptions { WriteIndented = true })}");
            await Task.Delay(Between);
        }
    }

    /// <summary>Asks for a page again and again until its text is so.</summary>
    public async Task<string> WaitForPageAsync(string path, Func<string, bool> isSo)
    {
        DateTime end = DateTime.UtcNow + Limit;
        while (true)
        {
            // Whoever is just taking up new code may hang up.
            string page = "";
            try
            {
                page = Encoding.UTF8.GetString((await GetAsync(path)).Body);
            }
            catch (HttpRequestException) when (DateTime.UtcNow < end)
            {
                // Asked again below.
            }

            if (isSo(page))
            {
                return page;
            }

            Assert.IsTrue(DateTime.UtcNow < end, $"{path} after {Limit}: {page}");
            await Task.Delay(Between);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _api.Dispose();
    }

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"")]
    private static partial Regex HiddenField();
}
