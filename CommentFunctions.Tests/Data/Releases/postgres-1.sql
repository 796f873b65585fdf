-- The database of version 1, as its app left it.
CREATE TABLE public."Comments" (
    "Id" uuid NOT NULL,
    "UserName" character varying(150) NOT NULL,
    "CreatedAt" bigint NOT NULL,
    "Text" character varying(1024) NOT NULL
);
CREATE TABLE public."ConversationTurns" (
    "Id" text NOT NULL,
    "Conversation" text NOT NULL,
    "MessageText" text NOT NULL,
    "ReceivedAt" bigint NOT NULL,
    "ReplyText" text NOT NULL,
    "RepliedAt" bigint NOT NULL,
    "KeptSince" bigint NOT NULL
);
CREATE TABLE public."DeliveredReplies" (
    "Id" text NOT NULL,
    "DeliveredAt" bigint NOT NULL
);
CREATE TABLE public."ExpiryRuns" (
    "Id" uuid NOT NULL,
    "TriggeredBy" text NOT NULL,
    "StartedAt" bigint NOT NULL,
    "Cutoff" bigint NOT NULL,
    "OlderThan" bigint,
    "DryRun" boolean NOT NULL,
    "Deleted" bigint NOT NULL,
    "Duration" bigint,
    "Outcome" text NOT NULL,
    "Error" text
);
CREATE TABLE public."Users" (
    "UserName" character varying(150) NOT NULL
);
INSERT INTO public."Comments" VALUES ('01a217f1-afa8-708c-9437-910dcd965fd7', 'alice', 1795698044840, 'Written before the upgrade');
INSERT INTO public."ConversationTurns" VALUES ('web:01a217f1-afe1-7100-add4-42f8b1b34cd7', '0123456789abcdef0123456789abcdef', 'alice', 1795698044897, 'Last comment for alice was Written before the upgrade', 1795698045042, 1795698044840);
INSERT INTO public."DeliveredReplies" VALUES ('reply:web:01a217f1-afe1-7100-add4-42f8b1b34cd7', 1795698045057);
INSERT INTO public."ExpiryRuns" VALUES ('01a217f1-b01b-7036-b85d-1044637d1e29', 'operator', 1795698045119, 1795611644955, NULL, false, 0, 137, 'Succeeded', NULL);
INSERT INTO public."Users" VALUES ('alice');
ALTER TABLE ONLY public."Comments"
    ADD CONSTRAINT "PK_Comments" PRIMARY KEY ("Id");
ALTER TABLE ONLY public."ConversationTurns"
    ADD CONSTRAINT "PK_ConversationTurns" PRIMARY KEY ("Id");
ALTER TABLE ONLY public."DeliveredReplies"
    ADD CONSTRAINT "PK_DeliveredReplies" PRIMARY KEY ("Id");
ALTER TABLE ONLY public."ExpiryRuns"
    ADD CONSTRAINT "PK_ExpiryRuns" PRIMARY KEY ("Id");
ALTER TABLE ONLY public."Users"
    ADD CONSTRAINT "PK_Users" PRIMARY KEY ("UserName");
CREATE INDEX "IX_Comments_CreatedAt" ON public."Comments" USING btree ("CreatedAt");
CREATE INDEX "IX_Comments_UserName_CreatedAt_Id" ON public."Comments" USING btree ("UserName", "CreatedAt" DESC, "Id" DESC);
CREATE INDEX "IX_ConversationTurns_Conversation_ReceivedAt" ON public."ConversationTurns" USING btree ("Conversation", "ReceivedAt");
CREATE INDEX "IX_ConversationTurns_KeptSince" ON public."ConversationTurns" USING btree ("KeptSince");
CREATE INDEX "IX_DeliveredReplies_DeliveredAt" ON public."DeliveredReplies" USING btree ("DeliveredAt");
CREATE INDEX "IX_ExpiryRuns_StartedAt" ON public."ExpiryRuns" USING btree ("StartedAt");
ALTER TABLE ONLY public."Comments"
    ADD CONSTRAINT "FK_Comments_Users_UserName" FOREIGN KEY ("UserName") REFERENCES public."Users"("UserName") ON DELETE CASCADE;
