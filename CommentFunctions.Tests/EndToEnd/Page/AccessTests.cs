using CommentFunctions.Tests.Data.Support;
using CommentFunctions.Tests.EndToEnd.Page.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CommentFunctions.Tests.EndToEnd.Page;

/// <summary>Who can use the page: by keyboard, by ear, on a phone, in the dark.</summary>
[Requires(Reachable.Chromium)]
[Collection(PageGroup.Name)]
public sealed class AccessTests(Browser browser, PreparedApp prepared) : IClassFixture<PreparedApp>
{
    // WCAG's contrast of every visible text with the first background below it that is not transparent.
    private const string LowContrasts = """
        () => {
          const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
          const parse = color => color.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
          const background = node => {
            const color = parse(getComputedStyle(node).backgroundColor);
            return color.length === 4 && color[3] === 0 ? node.parentElement ? background(node.parentElement) : [255, 255, 255] : color;
          };
          const low = [];
          for (const node of document.querySelectorAll("body *")) {
            const own = [...node.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim());
            if (!(own || node.matches("input, textarea, select")) || !node.checkVisibility() || node.closest("[aria-disabled=true]")) continue;
            const style = getComputedStyle(node);
            const [one, other] = [luminance(parse(node instanceof SVGElement ? style.fill : style.color)), luminance(background(node))];
            const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            if (ratio < 4.5) low.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)} ${node.textContent.slice(0, 30)}`);
          }
          return low;
        }
        """;

    [StoreFact]
    public async Task Everything_can_be_done_with_the_keyboard_alone()
    {
        await using var visit = await Visit.BeginAsync(browser);
        await visit.GoAsync();
        var keyboard = visit.Page.Keyboard;

        await keyboard.PressAsync("Tab");
        await Expect(visit.Page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await TabToAsync(visit, "#user");
        await keyboard.TypeAsync("alice");
        await TabToAsync(visit, "#text");
        await keyboard.TypeAsync("by hand");
        await TabToAsync(visit, "#post button");
        await keyboard.PressAsync("Enter");
        await Expect(visit.Comments.Locator(".said")).ToHaveTextAsync(["by hand"]);

        await TabToAsync(visit, "#ask-name", "Shift+Tab");
        await keyboard.TypeAsync("alice");
        await keyboard.PressAsync("Enter");
        await Expect(visit.Log.Locator(".bubble.bot .said")).ToHaveTextAsync(["Last comment for alice was by hand"]);

        await visit.OperateAsync();
        await TabToAsync(visit, "#age");
        await keyboard.TypeAsync("All");
        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Keep it" })).ToBeFocusedAsync();
        await keyboard.PressAsync("Escape");
        await Expect(visit.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await keyboard.PressAsync("Enter");
        await TabToAsync(visit, "#confirm-go");
        await keyboard.PressAsync("Enter");
        await Expect(visit.Comments).ToHaveCountAsync(0);
        visit.AssertClean();
    }

    [StoreFact]
    public async Task Every_part_has_a_role_and_a_name()
    {
        await using var visit = await Visit.BeginAsync(browser, await prepared.StartedAsync());
        await visit.GoAsync();
        await visit.ShowAsync("alice");
        await visit.AskAsync("alice", "Last comment for alice was The newest of them");

        await Expect(visit.Page.Locator("body")).ToMatchAriaSnapshotAsync("""
            - link "Skip to the content"
            - banner:
              - heading "Vanishing comments" [level=1]
              - navigation "Pages":
                - link "Try it"
                - link "Operate"
            - status
            - main:
              - region "Ask the bot":
                - heading "Ask the bot" [level=2]
                - button "New conversation"
                - log "Conversation with the bot"
                - status
                - textbox "Whose latest comment?"
                - button "Ask"
              - region "Comments":
                - heading "Comments" [level=2]
                - button "Everybody’s"
                - textbox "User name"
                - button "Show"
                - textbox "New comment"
                - button "Post"
                - status
                - list "Comments, newest first":
                  - listitem
            """);
        await visit.OperateAsync();
        await Expect(visit.Page.Locator("#letters li")).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator("body")).ToMatchAriaSnapshotAsync("""
            - main:
              - region "Health":
                - heading "Health" [level=2]
                - status: /Degraded/
                - list "What is wrong":
                  - listitem
              - region "Queues":
                - heading "Queues" [level=2]
                - region "Messages in the queues":
                  - table
                - heading "Dead letters" [level=3]
                - status
                - region "Dead letters of bot-messages":
                  - heading "bot-messages" [level=3]
                  - button "Replay all of bot-messages"
                  - list:
                    - listitem
              - region "Deletion":
                - heading "Deletion" [level=2]
                - combobox "What to delete"
                - button "Delete…"
                - status
                - heading "Last runs" [level=3]
                - img /\d+ runs/
                - region "Table of the last runs":
                  - table
              - region "Comments":
                - heading "Comments" [level=2]
                - textbox "User name"
                - button "Show"
                - list "Comments, newest first":
                  - listitem
            """);
        Assert.Equal("en", await visit.Page.Locator("html").GetAttributeAsync("lang"));
        Assert.NotEmpty(await visit.Page.TitleAsync());
    }

    [StoreFact]
    public async Task The_clock_is_not_read_out()
    {
        await using var visit = await Visit.BeginAloneAsync(
            browser, (app, _) => app.Http.PostCommentAsync("alice", "Hello"), ("Comments__Retention", "00:59:00"));
        await visit.GoAsync();
        await visit.ShowAsync("alice");
        var left = visit.Comments.Locator(".left");
        await Expect(left).ToHaveCountAsync(1);
        await visit.Page.EvaluateAsync("""
            () => {
              window.announced = [];
              for (const live of document.querySelectorAll("[role=status], [role=log], [aria-live]")) {
                new MutationObserver(() => announced.push(live.id)).observe(live, { childList: true, characterData: true, subtree: true });
              }
            }
            """);

        for (var i = 0; i < 3; i++)
        {
            await Expect(left).Not.ToHaveTextAsync(await left.InnerTextAsync());
        }

        Assert.Empty(await visit.Page.EvaluateAsync<string[]>("announced"));
        Assert.Equal(0, await visit.Page.Locator("[role=status] .left, [role=log] .left, [aria-live] .left").CountAsync());
    }

    /// <summary>No script looks at a window's size or colours: one that changes shows what it would have shown from the start.</summary>
    [StoreTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Everybody_can_read_and_reach_everything(bool onPhone)
    {
        Look[] looks = onPhone
            ? [new("phone", 360, 740), new("phone-dark", 360, 740, ColorScheme.Dark)]
            : [new("desktop", 1280, 800), new("desktop-dark", 1280, 800, ColorScheme.Dark), new("tablet", 768, 1024), new("wide", 1920, 1080)];
        await using var visit = await Visit.BeginAsync(
            browser, await prepared.StartedAsync(), new() { ViewportSize = looks[0].Size, HasTouch = onPhone, IsMobile = onPhone });
        await visit.GoAsync();
        await visit.ShowAsync("alice");
        var replies = 0;
        foreach (var look in looks)
        {
            await ChangeAsync(visit, look);
            if (look.Scheme == ColorScheme.Light)
            {
                await visit.AskAsync("alice", "Last comment for alice was The newest of them", ++replies);
            }

            await Expect(visit.Comments).ToHaveCountAsync(4);
            await visit.PictureAsync($"chat-{look.Name}");
            await AssertAccessibleAsync(visit, look);
        }

        await visit.OperateAsync();
        await Expect(visit.Page.Locator("#letters li")).ToHaveCountAsync(1);
        await Expect(visit.Comments).ToHaveCountAsync(8);
        foreach (var look in looks)
        {
            await ChangeAsync(visit, look);
            await visit.PictureAsync($"dashboard-{look.Name}");
            await AssertAccessibleAsync(visit, look);
        }

        await visit.ShowAsync("not a name");
        await Expect(visit.Page.Locator("#comments-note")).ToContainTextAsync("A user name is");
        await visit.Page.GetByLabel("What to delete").SelectOptionAsync("All comments");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Delete…" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        foreach (var look in looks)
        {
            await ChangeAsync(visit, look);
            await AssertAccessibleAsync(visit, look);
        }

        visit.AssertClean();
    }

    [StoreFact]
    public async Task What_an_operator_looks_for_first_is_above_the_fold()
    {
        await using var visit = await Visit.BeginAsync(browser, await prepared.StartedAsync(), new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        await visit.OperateAsync();

        foreach (var part in new[] { "#health-badge", "#reasons", "#health-facts", "#queues", "#run", "#chart", "#runs-rows tr >> nth=0" })
        {
            await Expect(visit.Page.Locator(part)).ToBeInViewportAsync(new() { Ratio = 1 });
        }
    }

    [StoreFact]
    public async Task Who_asks_for_no_motion_sees_none()
    {
        await using var visit = await Visit.BeginAsync(browser, await prepared.StartedAsync(), new() { ReducedMotion = ReducedMotion.Reduce });
        await visit.GoAsync();
        await visit.ShowAsync("alice");
        await Expect(visit.Comments).ToHaveCountAsync(4);

        var moving = await visit.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("*")].flatMap(node => [null, "::before", "::after"].map(part => getComputedStyle(node, part)))
              .filter(style => style.animationName !== "none" || style.transitionDuration !== "0s").map(style => style.transitionProperty)
            """);
        Assert.Empty(moving);
    }

    private static async Task ChangeAsync(Visit visit, Look look)
    {
        await visit.Page.SetViewportSizeAsync(look.Width, look.Height);
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = look.Scheme });
    }

    private static async Task AssertAccessibleAsync(Visit visit, Look look)
    {
        var violations = (await visit.Page.RunAxe()).Violations;
        Assert.Empty(violations.SelectMany(violation => violation.Nodes.Select(node => $"{look.Name} {violation.Id}: {node.Html} {node.Any.FirstOrDefault()?.Message}")));
        Assert.Empty(await visit.Page.EvaluateAsync<string[]>(LowContrasts));
        Assert.Equal(look.Width, await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(await visit.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("button, input, select, textarea, summary, nav a")]
              .filter(node => node.checkVisibility()).filter(node => node.getBoundingClientRect().height < 24).map(node => node.outerHTML)
            """));
    }

    private static async Task TabToAsync(Visit visit, string selector, string key = "Tab")
    {
        for (var i = 0; i < 40; i++)
        {
            await visit.Page.Keyboard.PressAsync(key);
            if (await visit.Page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }
        }

        Assert.Fail($"{selector} is not reached by {key}.");
    }

    private sealed record Look(string Name, int Width, int Height, ColorScheme Scheme = ColorScheme.Light)
    {
        public ViewportSize Size => new() { Width = Width, Height = Height };
    }
}
